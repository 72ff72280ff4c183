import { action, actions } from '../../core/controls/actions';
import { aliases } from '../../core/controls/aliases';
import { citation, frameworks } from '../../core/controls/frameworks';
import { mapping, type ControlRow } from '../../core/controls/mapping';
import { assessmentPlan } from '../../core/export/oscal/assessment-plan';
import { page, table } from './markdown';
import type { Generated } from './sources';

/** docs/controls.md, and the assessment plan that OSCAL exports import. */
export function controlDocs(): readonly Generated[] {
  const parts = [
    'Which control of which framework each of our actions helps to satisfy. The data is in `core/controls/mapping`; a control that is not on its framework’s own list (`core/controls/official`) fails a test. Used by [evidence exports](evidence-export.md).',
    '`full`: for an enrolled identity the action, with its proof, is what the control asks for. `partial`: one part of it. Nothing here is a statement of compliance: that is an auditor’s to make.',
    '## Frameworks',
    frameworkTable(),
    '## Actions',
    'An action without a record of its own is mapped and claimed by no export.',
    actionTable(),
    ...[...frameworks.keys()].flatMap((name) => [
      `## ${name}`,
      mappingTable(mapping.filter(({ framework }) => framework === name)),
    ]),
    '## As older documents cite them',
    'A label of a policy (`controls`) may be an official identifier, one of these, or unknown; an unknown one is kept and printed as unknown. Upper and lower case and blanks do not matter, and the framework may stand before it: `NIST-800-53-IA-5`, `SOC2-CC6.1`, `PR.AC-1`.',
    aliasTable(),
  ];
  const plan = `${JSON.stringify(assessmentPlan(), null, 2)}\n`;
  return [
    { file: 'docs/controls.md', text: page('Controls', parts) },
    { file: 'docs/oscal/assessment-plan.json', text: plan },
  ];
}

function frameworkTable(): string {
  const rows = [...frameworks.values()].map(({ framework, version, document, covers, ids }) => [
    framework,
    version,
    document,
    `${ids.length}: ${covers}`,
  ]);
  return table(['framework', 'version', 'document', 'identifiers on the list'], rows);
}

function actionTable(): string {
  const rows = action.options.map((name) => [
    name,
    actions[name].title,
    actions[name].shownBy ?? 'no record yet',
  ]);
  return table(['action', 'what it is', 'shown by'], rows);
}

function mappingTable(rows: readonly ControlRow[]): string {
  return table(
    ['action', 'control', 'strength', 'why', 'cited as'],
    rows.map(({ action: name, controlId, part, strength, rationale, citedAs }) => [
      name,
      part === undefined ? controlId : `${controlId} part ${part}`,
      strength,
      rationale,
      citedAs.join(', '),
    ]),
  );
}

function aliasTable(): string {
  const rows = aliases.map(({ framework, citedAs, reading, controls, why }) => [
    `${framework} ${citedAs}`,
    reading,
    controls.map(citation).join(', '),
    why,
  ]);
  return table(['cited as', 'meaning', 'stands for', 'why'], rows);
}
