import { exportedRun, type ExportedRun } from '../export/exported-run';
import type { RunQuery, RunSummary } from '../ports/registry';
import { nextPage } from '../registry/summary-order';
import { CHECKED_AT_ONCE, type CheckedPage, type CheckedRun, type RowPage } from './answers';
import { batches } from './batches';
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

/** One run, its chains read again. */
export async function checkedRun(ports: QueryPorts, row: RunSummary): Promise<CheckedRun> {
  const { runId } = row;
  const [run, proof] = await Promise.all([
    ports.evidence.read('RUN', runId),
    ports.evidence.read('PROOF', runId),
  ]);
  const read = exportedRun(runId, run, proof);
  const reviewed = row.glass === undefined ? undefined : await reviewOf(ports, row);
  return {
    ...plain(row),
    records: read.records.length,
    wrong: [...wrongOf(row, read), ...(reviewed?.wrong ?? [])],
    shows: read.shown.map(({ action, result, because }) => ({ action, result, because })),
    ...(reviewed && { review: reviewed.review }),
  };
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
