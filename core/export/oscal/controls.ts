import { actions } from '../../controls/actions';
import { citation, frameworks, type Control } from '../../controls/frameworks';
import { mapping, type ControlRow } from '../../controls/mapping';
import { prop, type LocalObjective, type ReviewedControls } from './model';

/** A control, or one part of its statement, that findings are about. */
export type Target = Pick<ControlRow, 'framework' | 'version' | 'controlId' | 'part'>;

/**
 * A control's identifier as an OSCAL token, which begins with a letter and has no colon. SP 800-53 as in NIST's own
 * catalog: lower case, enhancements after a dot.
 */
export function controlToken({ framework, controlId }: Pick<Control, 'framework' | 'controlId'>): string {
  switch (framework) {
    case 'NIST SP 800-53':
      return controlId.toLowerCase().replace(/\((\d+)\)$/, '.$1');
    case 'OWASP NHI':
      return controlId.replace(':', '_');
    case 'PCI DSS':
      return `pci-${controlId}`;
    case 'NIST SP 800-207':
    case 'ISO/IEC 27001':
      return controlId.replace(/^Clause /, 'clause-').replace(/^tenet /, 'tenet-');
    case 'NIST CSF':
    case 'SOC 2 TSC':
      return controlId;
    default:
      return framework satisfies never;
  }
}

/** What a finding points at: a statement's part where one is meant, else the control's objective. */
export function targetOf(target: Target): { type: 'objective-id' | 'statement-id'; 'target-id': string } {
  const token = controlToken(target);
  return target.part === undefined
    ? { type: 'objective-id', 'target-id': `${token}_obj` }
    : { type: 'statement-id', 'target-id': `${token}_smt.${target.part}` };
}

/** Rows whose action some record can show; the rest of the mapping is claimed by no export. */
export const assessable: readonly ControlRow[] = mapping.filter(
  ({ action }) => actions[action].shownBy !== null,
);

/** The controls that runs can show something of, framework by framework. */
export function reviewedControls(): ReviewedControls {
  const selections = [...frameworks.values()].map(({ framework, version, document }) => ({
    description: document,
    props: [prop('framework', framework), prop('framework-version', version)],
    'include-controls': tokensOf(assessable.filter((row) => row.framework === framework)).map((token) => ({
      'control-id': token,
    })),
  }));
  const description =
    'Every control that a record of a run can show something of. One without a finding was not assessed in the period.';
  return {
    description,
    'control-selections': selections.filter((each) => each['include-controls'].length > 0),
  };
}

function tokensOf(rows: readonly ControlRow[]): readonly string[] {
  return [...new Set(rows.map(controlToken))];
}

/** Objectives of controls that no NIST catalog defines: what is tested for each. */
export function localObjectives(): readonly LocalObjective[] {
  const rows = assessable.filter(({ framework }) => framework !== 'NIST SP 800-53');
  return tokensOf(rows).map((token) => {
    const about = rows.filter((row) => controlToken(row) === token);
    const [first] = about;
    return {
      'control-id': token,
      description: first ? citation(first) : token,
      parts: [{ id: `${token}_obj`, name: 'objective', prose: about.map(tested).join(' ') }],
    };
  });
}

function tested({ action, strength, rationale }: ControlRow): string {
  return `${actions[action].title} (${strength}): ${rationale}`;
}
