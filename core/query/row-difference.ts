import { canonical } from '../evidence/canonical';
import type { RecordOf } from '../evidence/record';
import type { RunSummary } from '../ports/registry';
import { summaryOf } from '../registry/run-summary';

const fixed = ['kind', 'identityId', 'owner', 'actor', 'controls', 'glass', 'about', 'openedAt'] as const;
const ended = ['outcome', 'level', 'cause', 'closedAt'] as const;

/**
 * What a row of the index says that the run's own records do not; undefined when nothing. A row that still says `open` is
 * not held against a run that has just closed: it is written right after the last record.
 */
export function rowDifference(
  row: RunSummary,
  opened: RecordOf<'RunOpened'>,
  closed: RecordOf<'RunClosed'> | undefined,
): string | undefined {
  const facts = summaryOf(opened, closed, saidToWait(row));
  const fields = row.outcome === 'open' ? fixed : [...fixed, ...ended];
  const field = fields.find((each) => said(row[each]) !== said(facts[each]));
  if (field === undefined) return undefined;
  return `${rowName(row.runId)}: expected ${field} ${said(facts[field])}, as its records say, found ${said(row[field])}`;
}

/** How many records wait by what a row says; it was written when the run closed, and some may have arrived since. */
function saidToWait({ evidence, cause }: RunSummary): number {
  return evidence === 'waiting' ? Number(/^EVIDENCE_DEGRADED: (\d+) /.exec(cause ?? '')?.[1] ?? 0) : 0;
}

/** What a row of the index is called. */
export function rowName(runId: string): string {
  return `RUN#${runId} SUMMARY of the run index`;
}

/** What a record is called: its keys in the evidence table. */
export function recordName(chain: 'RUN' | 'PROOF', runId: string, seq: number): string {
  return `${chain}#${runId} seq ${seq}`;
}

function said(value: string | readonly string[] | undefined): string {
  return value === undefined ? 'nothing' : canonical(value);
}
