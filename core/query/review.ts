import type { RunSummary } from '../ports/registry';
import type { CheckedRun } from './answers';
import type { QueryPorts } from './ports';

/** What became of the review that a run without a second person owes. */
export async function reviewOf(
  { registry }: Pick<QueryPorts, 'registry'>,
  { runId, identityId, openedAt }: RunSummary,
): Promise<NonNullable<CheckedRun['review']>> {
  const owed = (await registry.obligationsOf(identityId)).find(
    ({ type, versionId }) => type === 'review' && versionId === runId,
  );
  if (owed) return { state: 'owed', runId: null, deadline: owed.deadline ?? null };
  const later = await registry.runs({ identityId, outcome: 'recorded', since: openedAt, limit: 1_000 });
  const done = later.find(({ kind, about }) => kind === 'review' && about === runId);
  return { state: done ? 'done' : 'none', runId: done?.runId ?? null, deadline: null };
}
