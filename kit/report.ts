import type { Descriptor } from '../core/connector';
import type { CaseResult } from './suite';

/** Version of the shape that `npm run kit -- --json` prints. */
export const SCHEMA_VERSION = 1;

/** One connector, case by case, on its server. */
export interface ConnectorReport {
  readonly kind: string;
  readonly testedAgainst: Descriptor['testedAgainst'];
  readonly cases: readonly CaseResult[];
  /** Verdict cases that do not exist for the kind, with a reason from the closed list. */
  readonly notApplicable: readonly { readonly name: string; readonly reason: string }[];
  readonly passed: boolean;
}

/** A known-bad connector, and the case that caught it; null when none did. */
export interface BadReport {
  readonly name: string;
  readonly kind: string;
  readonly caughtBy: string | null;
  readonly got: string;
}

export interface KitReport {
  readonly schemaVersion: typeof SCHEMA_VERSION;
  readonly connectors: readonly ConnectorReport[];
  readonly badConnectors: readonly BadReport[];
  readonly passed: boolean;
}

/** A kind whose verdict table has fewer cases than this has not been looked at closely enough. */
export const LEAST_VERDICTS = 12;

/** The report for a terminal: what failed in full, what passed in one line. */
export function reportText({ connectors, badConnectors, passed }: KitReport): string {
  const caught = badConnectors.filter(({ caughtBy }) => caughtBy !== null).length;
  return [
    ...connectors.flatMap((connector) => connectorLines(connector)),
    `known-bad connectors: ${caught} of ${badConnectors.length} caught`,
    ...badConnectors
      .filter(({ caughtBy }) => caughtBy === null)
      .map(({ name, kind, got }) => `  not caught: ${name} (${kind}): ${got}`),
    passed ? 'The kit passed.' : 'The kit did not pass.',
  ].join('\n');
}

function connectorLines({ kind, testedAgainst, cases, notApplicable }: ConnectorReport): readonly string[] {
  const failed = cases.filter((each) => !each.passed);
  const on = `${testedAgainst.nature}, ${testedAgainst.what}`;
  return [
    `${kind} (${on}): ${cases.length - failed.length} of ${cases.length} cases, ${notApplicable.length} not applicable`,
    ...failed.map(({ name, expected, got }) => `  left: ${name}\n        want ${expected}; got ${got}`),
  ];
}
