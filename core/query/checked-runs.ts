import { exportedRun, type ExportedRun } from '../export/exported-run';
import type { RunQuery, RunSummary } from '../ports/registry';
import { nextPage } from '../registry/summary-order';
import { CHECKED_AT_ONCE, type CheckedPage, type CheckedRun, type RowPage } from './answers';
import { batches } from './batches';
import { lateRecords, NOTHING_LATE, withLate } from './late-records';
import type { QueryPorts } from './ports';
import { reviewOf } from './review';
import { recordName, rowDifference, rowName } from './row-difference';

/** Runs read at the same time. */
const ABREAST = 16;

/** A page of runs as the index has them. Newest first. */
export async function runRows({ registry }: Pick<QueryPorts, 'registry'>, query: RunQuery): Promise<RowPage> {
  const page = await registry.runs(query);
  return { runs: page.map(plain), next: nextPage(page, query.limit) ?? null };
}

/** A page of runs, both chains of each read, hashed and followed again, and the index held against them. */
export async function checkedRuns(ports: QueryPorts, query: RunQuery): Promise<CheckedPage> {
  const limit = Math.min(query.limit, CHECKED_AT_ONCE);
  const page = await ports.registry.runs({ ...query, limit });
  const runs = await batches(page, ABREAST, (row) => checkedRun(ports, row));
  return { runs, next: nextPage(page, limit) ?? null };
}

/** One run, its chains read again: out of the table, and behind it what an emergency kept in the spill. */
export async function checkedRun(ports: QueryPorts, row: RunSummary): Promise<CheckedRun> {
  const { runId } = row;
  const [run, proof] = await Promise.all([
    ports.evidence.read('RUN', runId),
    ports.evidence.read('PROOF', runId),
  ]);
  const stored = exportedRun(runId, run, proof);
  const late = mayBeLate(row, stored) ? await lateRecords(ports, runId) : NOTHING_LATE;
  const read =
    late.records.length === 0
      ? stored
      : exportedRun(runId, withLate('RUN', run, late), withLate('PROOF', proof, late));
  // Where nobody can say what waits, nobody can say that it is missing.
  const unread = late.waiting === 'unknown' && row.evidence === 'waiting';
  const reviewed = row.glass === undefined ? undefined : await reviewOf(ports, row);
  return {
    ...plain(row),
    records: read.records.length,
    ...((unread || late.waiting !== 'unknown') && late.waiting !== 0 && { waiting: late.waiting }),
    wrong: [...(unread ? [] : wrongOf(row, read)), ...(reviewed?.wrong ?? [])],
    shows: read.shown.map(({ action, result, because }) => ({ action, result, because })),
    ...(reviewed && { review: reviewed.review }),
  };
}

/** Whether a look into the spill can change what is said of a run. */
function mayBeLate(row: RunSummary, stored: ExportedRun): boolean {
  return row.outcome === 'open' || row.evidence === 'waiting' || wrongOf(row, stored).length > 0;
}

function wrongOf(row: RunSummary, { runId, check, records, opened, closed }: ExportedRun): string[] {
  if (check.state === 'broken') {
    const { chain, seq, expected, found } = check.first;
    return [`${recordName(chain, runId, seq)}: expected ${expected}, found ${found}`];
  }
  if (records.length === 0 || !opened)
    return [`${recordName('RUN', runId, 0)}: expected RunOpened, as ${rowName(runId)} says, found nothing`];
  return [rowDifference(row, opened, closed)].filter((each) => each !== undefined);
}

function plain({ controls, ...row }: RunSummary) {
  return { ...row, controls: [...controls] };
}
