import { frozenRequest } from '../../../core/approval/request';
import { append } from '../../../core/evidence/append';
import { brokenGlassNotice } from '../../../core/notice/of-person';
import type { RunState } from '../../../core/run/state';
import type { Obligations } from '../../../core/ports/registry';
import { iso, type Deps, type Using } from '../deps';
import { notify } from '../notify';
import { stampOf } from '../stamp';
import { mustBeOpen } from './request';

/** A broken glass is reviewed by another person within this time, in milliseconds. */
const REVIEW_MS = 24 * 60 * 60_000;

/**
 * Opens the review that a run without a second person owes: due and at its deadline after 24 h. Only a person can pay it
 * (`gapless review <run id>`); Settle records a broken deadline.
 */
export async function oweReview(
  deps: Pick<Deps, 'now'> & Using<Obligations>,
  run: Pick<RunState, 'runId' | 'identityId' | 'actor'>,
): Promise<void> {
  const now = deps.now();
  const deadline = iso(now + REVIEW_MS);
  await deps.registry.openObligation({
    identityId: run.identityId,
    versionId: run.runId,
    remoteId: run.actor.id,
    type: 'review',
    by: 'revocation',
    runId: run.runId,
    openedAt: iso(now),
    deadline,
    nextAttemptAt: deadline,
    attempts: 0,
    why: `the glass was broken by ${run.actor.id}; another person has to look at run ${run.runId}`,
  });
}

/**
 * Lets a run go on without a second person: says so in its records and to people, and opens the review that it owes.
 */
export async function breakGlass(
  deps: Pick<Deps, 'evidence' | 'notices' | 'now' | 'ledgerId' | 'code'> & Using<Obligations>,
  run: RunState,
  controls: readonly string[],
): Promise<RunState> {
  const opened = await mustBeOpen(deps, run.runId);
  const request = frozenRequest(opened);
  await oweReview(deps, run);
  const { head } = await append(deps.evidence, stampOf(deps, run, 'Open', controls), {
    chain: 'RUN',
    head: run,
    item: 'breakGlass',
    at: iso(deps.now()),
    statement: {
      type: 'ApprovalDecided',
      decision: 'breakGlass',
      requester: run.actor,
      approver: null,
      requestSha256: request.sha256,
      cause: 'the second person was left out on purpose; a review is owed',
    },
  });
  const { runId, ledgerId, kind, identity, deadline, at } = opened;
  const about = { runId, ledgerId, kind, identityId: identity.id, owner: identity.owner, deadline, at };
  await notify(deps, [brokenGlassNotice(about, run.actor.id)]);
  return { ...run, seq: head.seq, prev: head.prev };
}
