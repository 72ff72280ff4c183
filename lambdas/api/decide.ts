import type { Principal } from '../../core/approval/principal';
import { confirmedFor, requesterNamed } from '../../core/approval/confirmed';
import { refusalOf, type Ask } from '../../core/approval/rules';
import { Failure } from '../../core/failure';
import type { Approval, Approvals, StartRequests } from '../../core/ports/approvals';
import type { TaskTokens } from '../../core/ports/task-tokens';
import type { RunRegistry } from '../../core/ports/registry';
import { closeApproval, decidedOrExpired } from '../steps/approve/close-approval';
import { iso, type Deps, type Using } from '../steps/deps';
import { refused } from './call';
import { recordRefusal } from './record-refusal';

/** What the functions behind the decisions URL ask for. */
export type DecisionDeps = Pick<Deps, 'evidence' | 'policies' | 'notices' | 'now' | 'ledgerId' | 'code'> &
  Using<RunRegistry & Approvals & StartRequests> & {
    readonly tokens: TaskTokens;
  };

/** What an approver sends. */
export interface Given {
  readonly verdict: Ask['verdict'];
  readonly requestSha256: string;
  readonly reason: string | undefined;
}

/**
 * Takes a decision: rules first, then the one conditional write that makes it, then the approval's last records, then the
 * run is woken and reads it. A crash in between is made good by the run itself, or by whoever asks again.
 * @throws Failure ApprovalUnknown, and every refusal of core/approval/rules, which is recorded
 */
export async function decide(
  deps: DecisionDeps,
  approver: Principal,
  approvalId: string,
  { verdict, requestSha256, reason }: Given,
): Promise<Approval> {
  const approval = await mustBeKnown(deps, approvalId);
  const ask: Ask = { verdict, approver, requestSha256, at: iso(deps.now()) };
  const refusal = refusalOf(approval, ask) ?? (await refusedByLog(deps, approval, ask));
  if (refusal) throw await turnedAway(deps, approval, ask, refusal);
  const decision = { verdict, approver, at: ask.at, requestSha256, reason };
  if ((await deps.registry.decideApproval(approvalId, decision)) === 'taken') {
    const there = await mustBeKnown(deps, approvalId);
    throw await turnedAway(deps, there, ask, refusalOf(there, ask) ?? contended(approvalId));
  }
  await endWait(deps, { ...approval, decision });
  return { ...approval, decision };
}

/**
 * Who asked may have been only claimed, and confirmed since by the account's API log: whomever that names is held to the
 * same rules. It gives nobody a right that the claim does not; it only takes some away.
 */
async function refusedByLog(
  { evidence }: Pick<Deps, 'evidence'>,
  approval: Approval,
  ask: Ask,
): Promise<Failure | undefined> {
  if (approval.requester.principal) return undefined;
  const named = await confirmedFor(evidence, approval.runId);
  return named
    .map((each) => refusalOf({ ...approval, requester: requesterNamed(each) }, ask))
    .find((refusal) => refusal !== undefined);
}

/** @throws Failure ApprovalUnknown */
export async function mustBeKnown({ registry }: Using<Approvals>, approvalId: string): Promise<Approval> {
  const approval = await registry.approval(approvalId);
  if (approval) return approval;
  const sentence = `approvalId: got ${JSON.stringify(approvalId.slice(0, 64))}, and no approval has that id. List those that wait: gapless approvals.`;
  throw refused('ApprovalUnknown', sentence);
}

/** Records the refusal and finishes what an earlier, interrupted decision or an expiry has left. */
async function turnedAway(
  deps: DecisionDeps,
  approval: Approval,
  ask: Ask,
  refusal: Failure,
): Promise<Failure> {
  const over = approval.decision !== undefined || refusal.name === 'ApprovalExpired';
  const ended = over ? await decidedOrExpired(deps, approval.approvalId) : undefined;
  if (ended) await endWait(deps, ended);
  const { approvalId, requester } = approval;
  await recordRefusal(deps, {
    about: approvalId,
    identityId: approval.identityId,
    asked: ask.verdict,
    requester: requester.actor,
    by: ask.approver,
    requestSha256: ask.requestSha256,
    refusal,
  });
  return refusal;
}

async function endWait(deps: DecisionDeps, approval: Parameters<typeof closeApproval>[1]): Promise<void> {
  await closeApproval(deps, approval);
  await deps.tokens.wake(approval.taskToken);
}

function contended(approvalId: string): Failure {
  const message = `Somebody else was deciding approval ${approvalId} at the same time. Nothing was changed. Look at it again: gapless approvals`;
  return new Failure('StoreUnavailable', message, 'none');
}
