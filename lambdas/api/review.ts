import { actorOf, idOf, samePerson, type Principal, type Requester } from '../../core/approval/principal';
import type { Actor } from '../../core/evidence/record';
import { Failure } from '../../core/failure';
import type { Obligation } from '../../core/ports/registry';
import { iso } from '../steps/deps';
import { nameOf } from '../steps/settle/name';
import { shortRun } from '../steps/short-run';
import { refused } from './call';
import type { DecisionDeps } from './decide';
import { recordRefusal } from './record-refusal';

/** What a reviewer found. */
export interface Review {
  readonly verdict: 'justified' | 'unjustified';
  readonly note: string;
}

/**
 * Takes the review of a run that went without a second person, and pays the obligation for it. Whatever was found is
 * recorded; that somebody else has looked is what was owed.
 * @throws Failure ApprovalUnknown when the run owes no review; SelfApproval, RoleNotDisjoint (recorded)
 */
export async function review(
  deps: DecisionDeps,
  reviewer: Principal,
  runId: string,
  { verdict, note }: Review,
): Promise<{ readonly runId: string; readonly about: string; readonly verdict: Review['verdict'] }> {
  const owed = await mustOweReview(deps, runId);
  const request = await deps.registry.startRequest(runId);
  const principal = request?.principal;
  const requester: Requester = {
    actor: { type: 'breakGlass', id: owed.remoteId, assurance: principal ? 'verified' : 'claimed' },
    principal,
  };
  const requestSha256 = request?.inputSha256 ?? '';
  const refusal = refusalOf(requester, reviewer, runId);
  const { identityId } = owed;
  if (refusal) {
    const attempt = { asked: 'review', requester: requester.actor, by: reviewer, requestSha256, refusal };
    await recordRefusal(deps, { about: runId, identityId, ...attempt });
    throw refusal;
  }
  const reviewId = nameOf('review', runId);
  const said = { verdict, note, requestSha256, requester: requester.actor, approver: actorOf(reviewer) };
  await record(deps, reviewId, owed, said);
  await deps.registry.payObligation(owed);
  return { runId: reviewId, about: runId, verdict };
}

interface Said extends Review {
  readonly requester: Actor;
  readonly approver: Actor;
  readonly requestSha256: string;
}

async function record(
  deps: DecisionDeps,
  reviewId: string,
  { runId, identityId, why, deadline }: Obligation,
  { verdict, note, ...decision }: Said,
): Promise<void> {
  await shortRun(
    deps,
    {
      runId: reviewId,
      kind: 'review',
      identityId,
      actor: decision.approver,
      stage: 'Review',
      trigger: `review of ${runId}`.slice(0, 500),
      reason: why.slice(0, 500),
      requestedAt: iso(deps.now()),
      deadline: deadline ?? null,
      about: runId,
      stages: ['Review'],
      executionArn: 'none',
    },
    {
      statement: {
        type: 'ApprovalDecided',
        decision: 'reviewed',
        ...decision,
        cause: `${verdict}: ${note}`,
      },
      outcome: 'recorded',
      cause: undefined,
    },
  );
}

async function mustOweReview({ registry }: DecisionDeps, runId: string): Promise<Obligation> {
  const identityId = (await registry.summary(runId))?.identityId;
  const owed = identityId === undefined ? [] : await registry.obligationsOf(identityId);
  const found = owed.find(({ type, versionId }) => type === 'review' && versionId === runId);
  if (found) return found;
  const sentence = `runId: got ${JSON.stringify(runId.slice(0, 96))}, and no review is owed for it: it is unknown, had its second person, or was reviewed.`;
  throw refused('ApprovalUnknown', sentence);
}

function refusalOf(requester: Requester, reviewer: Principal, runId: string): Failure | undefined {
  if (samePerson(requester, reviewer)) {
    const message = `${idOf(reviewer)} broke the glass of run ${runId} and cannot review it. Want another person. Nothing was changed.`;
    return new Failure('SelfApproval', message, 'none');
  }
  if (requester.principal?.roleId !== reviewer.roleId) return undefined;
  const message = `${idOf(reviewer)} reviews by the role that the glass of run ${runId} was broken by. Want a role that only approvers have. Nothing was changed.`;
  return new Failure('RoleNotDisjoint', message, 'none');
}
