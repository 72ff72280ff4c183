import type { RunState } from '../../../core/run/state';
import { iso, type Deps } from '../deps';

/** A broken glass is reviewed by another person within this time, in milliseconds. */
const REVIEW_MS = 24 * 60 * 60_000;

/**
 * Opens the review that a run without a second person owes: due and at its deadline after 24 h. Only a person can pay it
 * (`gapless review <run id>`); Settle records a broken deadline.
 */
export async function oweReview(
  deps: Pick<Deps, 'registry' | 'now'>,
  run: Pick<RunState, 'runId' | 'identityId' | 'actor'>,
): Promise<void> {
  const now = deps.now();
  const deadline = iso(now + REVIEW_MS);
  await deps.registry.openObligation({
    identityId: run.identityId,
    versionId: run.runId,
    remoteId: run.actor.id,
    type: 'review',
    runId: run.runId,
    openedAt: iso(now),
    deadline,
    nextAttemptAt: deadline,
    attempts: 0,
    why: `the glass was broken by ${run.actor.id}; another person has to look at run ${run.runId}`,
  });
}
