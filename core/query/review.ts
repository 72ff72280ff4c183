import { exportedRun, type ExportedRun } from '../export/exported-run';
import type { RunSummary } from '../ports/registry';
import type { CheckedRun } from './answers';
import type { QueryPorts } from './ports';
import { rowDifference, rowName } from './row-difference';

/** A review, and the row of the index that says more of it than its own records do. */
export interface Reviewed {
  readonly review: NonNullable<CheckedRun['review']>;
  readonly wrong: readonly string[];
}

/**
 * What became of the review that a run without a second person owes. A row of the index proves no review: the records of
 * the review itself are read and followed.
 */
export async function reviewOf(
  ports: Pick<QueryPorts, 'registry' | 'evidence'>,
  { runId, identityId, openedAt }: RunSummary,
): Promise<Reviewed> {
  const { registry } = ports;
  const owed = (await registry.obligationsOf(identityId)).find(
    ({ type, versionId }) => type === 'review' && versionId === runId,
  );
  if (owed) return { review: { state: 'owed', runId: null, deadline: owed.deadline ?? null }, wrong: [] };
  const later = await registry.runs({ identityId, outcome: 'recorded', since: openedAt, limit: 1_000 });
  const done = later.find(({ kind, about }) => kind === 'review' && about === runId);
  const none = { state: 'none', runId: null, deadline: null } as const;
  if (!done) return { review: none, wrong: [] };
  const unproven = unprovenBy(done, await readRun(ports, done.runId));
  if (unproven !== undefined) return { review: none, wrong: [unproven] };
  return { review: { state: 'done', runId: done.runId, deadline: null }, wrong: [] };
}

async function readRun({ evidence }: Pick<QueryPorts, 'evidence'>, runId: string): Promise<ExportedRun> {
  const chains = [evidence.read('RUN', runId), evidence.read('PROOF', runId)] as const;
  return exportedRun(runId, ...(await Promise.all(chains)));
}

function unprovenBy(row: RunSummary, { check, opened, closed }: ExportedRun): string | undefined {
  if (check.state === 'broken' || !opened)
    return `${rowName(row.runId)}: expected a review whose records hold, found ${opened ? 'one that is broken' : 'no record'}`;
  return rowDifference(row, opened, closed);
}
