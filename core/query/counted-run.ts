import type { Marker } from '../ports/ledger-index';
import type { RunFilter, RunSummary } from '../ports/registry';
import { summaryOf } from '../registry/run-summary';
import { isMeant } from '../registry/summary-order';
import { lateRecords, NOTHING_LATE, type LateRecords } from './late-records';
import type { QueryPorts } from './ports';
import { recordedRun } from './recorded-run';
import { rowDifference, rowName } from './row-difference';
import type { RunLeaves } from './sealed-leaves';

/** What is known of one run before its records are read. */
export interface Known {
  readonly runId: string;
  readonly row: RunSummary | undefined;
  readonly leaves: RunLeaves | undefined;
  readonly marker: Marker | undefined;
}

/**
 * What one run adds to the census. `behind`: its row is about to be there. `unread`: its row says that records of it wait
 * in the spill, and the spill could not be read.
 */
export type Counted =
  | { readonly state: 'not meant' | 'behind' | 'unread' }
  | { readonly state: 'counted'; readonly evidence: 'there' | 'waiting' }
  | { readonly state: 'wrong'; readonly why: string };

/** Holds a run's row against its records: those of the table and, behind them, those that wait in the spill. */
export async function countRun(ports: QueryPorts, filter: RunFilter, known: Known): Promise<Counted> {
  // A marker stays open until everything of its run is in the table.
  const late = known.marker?.state === 'open' ? await lateRecords(ports, known.runId) : NOTHING_LATE;
  const counted = await heldAgainstRecords(ports, filter, known, late);
  const unread = late.waiting === 'unknown' && known.row?.evidence === 'waiting';
  return counted.state === 'wrong' && unread ? { state: 'unread' } : counted;
}

async function heldAgainstRecords(
  ports: QueryPorts,
  filter: RunFilter,
  { runId, row, leaves, marker }: Known,
  late: LateRecords,
): Promise<Counted> {
  const recorded = await recordedRun(ports, { runId, leaves, late });
  if (recorded.state === 'wrong') return recorded;
  if (recorded.state === 'absent') {
    const why = `${rowName(runId)}: expected a run that has records, found none in the ledger`;
    return row ? { state: 'wrong', why } : { state: 'not meant' };
  }
  const { opened } = recorded;
  // A run with work left in it may be about to write its row.
  const busy = marker?.state === 'open';
  const closed = busy && row?.outcome === 'open' ? undefined : recorded.closed;
  const facts = summaryOf(opened, closed);
  const difference = row && rowDifference(row, opened, closed);
  if (difference !== undefined) return { state: 'wrong', why: difference };
  if (row) return settledRow(row, facts, filter, late);
  if (!isMeant(facts, filter)) return { state: 'not meant' };
  if (busy) return { state: 'behind' };
  const there = await ports.registry.summary(runId);
  if (!there) {
    const why = `${rowName(runId)}: expected ${facts.outcome}, as its records say, found nothing`;
    return { state: 'wrong', why };
  }
  const changed = rowDifference(there, opened, closed);
  return changed === undefined ? { state: 'behind' } : { state: 'wrong', why: changed };
}

/** A row that the index gave, whose fields hold. It says `open` of a closed run only while somebody is at it. */
function settledRow(
  row: RunSummary,
  facts: RunSummary,
  filter: RunFilter,
  { waiting }: LateRecords,
): Counted {
  if (row.outcome === facts.outcome && isMeant(facts, filter)) {
    const waits = waiting === 'unknown' ? row.evidence === 'waiting' : waiting > 0;
    return { state: 'counted', evidence: waits ? 'waiting' : 'there' };
  }
  const why = `${rowName(row.runId)}: expected ${facts.outcome}, as its records say, found ${row.outcome}`;
  return { state: 'wrong', why };
}
