import type { PlannedIdentity } from '../policies/planned';
import { table } from './table';
import type { Terminal } from './terminal';

/** The plan for a person: one block per identity. */
export function printPlan(terminal: Terminal, identities: readonly PlannedIdentity[]): void {
  for (const identity of identities) {
    terminal.line();
    terminal.line(
      `${terminal.colours.bold(identity.id)}  ${identity.kind}, ${identity.strategy ?? 'no rotation'}  ${terminal.colours.dim(identity.file)}`,
    );
    for (const line of table(facts(identity))) terminal.line(`  ${line}`);
    for (const { line, state } of identity.gaps) {
      const mark = state === 'open' ? terminal.colours.red('✗ gap') : terminal.colours.yellow('! excepted');
      terminal.line(`  ${mark}  ${line}`);
    }
  }
}

function facts({
  owner,
  due,
  stages,
  target,
  consumers,
  rights,
  controls,
}: PlannedIdentity): readonly (readonly string[])[] {
  return [
    ['owner', owner],
    ['due', due ?? 'never: the policy has no rotation'],
    ['stages', stages.join(' → ') || 'none'],
    [
      'target',
      `network ${target.network}, admin secret ${target.admin}, control secret ${target.control ?? 'none'}`,
    ],
    ...rows(
      'consumers',
      consumers.map(({ id, seenBy }) => `${id}: ${seenBy}`),
      'none: a run reaches L4 by sessions alone',
    ),
    ...rows('rights', rights, 'unknown'),
    ...rows(
      'controls',
      controls.map(({ label, citations }) => `${label}: ${citations.join(', ') || 'unknown'}`),
      'none',
    ),
  ];
}

/** A fact of several lines; its name stands before the first. */
function rows(name: string, lines: readonly string[], none: string): readonly (readonly string[])[] {
  if (lines.length === 0) return [[name, none]];
  return lines.map((line, index) => [index === 0 ? name : '', line]);
}
