import * as z from 'zod/mini';
import { action, type Action } from './actions';
import { aliases } from './aliases';
import { frameworkName, frameworks, type Control, type FrameworkName } from './frameworks';
import iso27001 from './mapping/iso-27001.json';
import nist80053 from './mapping/nist-800-53.json';
import nist800207 from './mapping/nist-800-207.json';
import nistCsf from './mapping/nist-csf.json';
import owaspNhi from './mapping/owasp-nhi.json';
import pciDss from './mapping/pci-dss.json';
import soc2 from './mapping/soc-2.json';

const file = z.object({
  framework: frameworkName,
  version: z.string(),
  rows: z.array(
    z.object({
      action,
      controlId: z.string(),
      part: z.optional(z.string()),
      strength: z.enum(['full', 'partial']),
      rationale: z.string(),
    }),
  ),
});

/** One of our actions and one control that it helps to satisfy. */
export interface ControlRow extends Control {
  readonly action: Action;
  /** Letter of the control's statement, where only that part is meant. */
  readonly part: string | undefined;
  /** `full`: for an enrolled identity the action, with its proof, is what the control asks for. */
  readonly strength: 'full' | 'partial';
  readonly rationale: string;
  /** As older documents cite the control. */
  readonly citedAs: readonly string[];
}

/** The mapping from actions to controls, framework by framework. */
export const mapping: readonly ControlRow[] = [
  owaspNhi,
  nistCsf,
  nist80053,
  nist800207,
  soc2,
  pciDss,
  iso27001,
].flatMap((each) => rowsOf(file.parse(each)));

function rowsOf({ framework, version, rows }: z.infer<typeof file>): readonly ControlRow[] {
  return rows.map((row) => ({
    ...row,
    framework,
    version,
    part: row.part,
    citedAs: citedAs(framework, row.controlId),
  }));
}

function citedAs(framework: FrameworkName, controlId: string): readonly string[] {
  return aliases
    .filter(({ controls }) => controls.some((to) => to.framework === framework && to.controlId === controlId))
    .map((alias) => `${alias.framework} ${alias.citedAs}`);
}

/** The rows of an action. */
export function controlsOf(wanted: Action): readonly ControlRow[] {
  return mapping.filter((row) => row.action === wanted);
}

/** Rows that cite what their framework, in that version, does not have. */
export function unofficial(rows: readonly ControlRow[]): readonly ControlRow[] {
  return rows.filter(({ framework, version, controlId }) => {
    const list = frameworks.get(framework);
    return list?.version !== version || !list.ids.includes(controlId);
  });
}
