import { Failure } from '../failure';
import type { Approval, DecisionVerdict } from '../ports/approvals';
import { idOf, samePerson, type Principal } from './principal';
import { reissueAfter } from './request';

/** What an approver asks for. */
export interface Ask {
  readonly verdict: Extract<DecisionVerdict, 'approved' | 'denied'>;
  readonly approver: Principal;
  /** Hash of the request as the approver has seen it. */
  readonly requestSha256: string;
  /** ISO 8601 UTC. */
  readonly at: string;
}

/** The reason why this principal may not decide this approval in this way now; undefined when it may. */
export function refusalOf(approval: Approval, ask: Ask): Failure | undefined {
  return (
    spent(approval, ask) ?? edited(approval, ask) ?? notApart(approval, ask) ?? unverified(approval, ask)
  );
}

/** Single use, and denied when the time is over. */
function spent({ decision, expiresAt, approvalId }: Approval, ask: Ask): Failure | undefined {
  if (decision) {
    const by = decision.approver ? ` by ${idOf(decision.approver)}` : '';
    return refused(
      'AlreadyDecided',
      `Approval ${approvalId} was ${decision.verdict}${by} at ${decision.at}; it is decided once. Start a new run if it is still wanted.`,
    );
  }
  if (ask.at < expiresAt) return undefined;
  return refused(
    'ApprovalExpired',
    `Approval ${approvalId} expired at ${expiresAt}; it is ${ask.at}. What nobody decided is denied. Start a new run if it is still wanted.`,
  );
}

function edited({ approvalId, requestSha256 }: Approval, ask: Ask): Failure | undefined {
  if (ask.requestSha256 === requestSha256) return undefined;
  return refused(
    'RequestEdited',
    `requestSha256: got ${ask.requestSha256.slice(0, 64)}, the request of approval ${approvalId} has ${requestSha256}. What was seen is not what would be done. Look at it again: gapless approvals`,
  );
}

/** A second pair of eyes: another person, and by a role that the requester does not have. */
function notApart({ approvalId, requester }: Approval, { approver, verdict }: Ask): Failure | undefined {
  // Whoever asked may withdraw: a denial gives nobody anything.
  if (verdict === 'denied') return undefined;
  if (samePerson(requester, approver)) {
    return refused(
      'SelfApproval',
      `${idOf(approver)} asked for run of approval ${approvalId} and cannot approve it. Want another person: role id and session name must both be theirs alone.`,
    );
  }
  if (requester.principal?.roleId !== approver.roleId) return undefined;
  return refused(
    'RoleNotDisjoint',
    `${idOf(approver)} approves by the role that approval ${approvalId} was requested by. Want a role that only approvers have.`,
  );
}

/** A reissue makes a credential: that two people agreed to it is certain only when both are known. */
function unverified({ approvalId, identityId, request, requester }: Approval, ask: Ask): Failure | undefined {
  const revocation = reissueAfter(request);
  if (ask.verdict === 'denied' || requester.principal || revocation === undefined) return undefined;
  const { id, assurance } = requester.actor;
  return refused(
    'RequesterUnverified',
    `Approval ${approvalId} is of a reissue, which makes a credential, and nobody verified who asked for it: ${id} (${assurance}). Want a requester whose signature was checked. Deny it, and ask for the reissue through the requests URL: gapless rotate ${identityId} --reissue ${revocation}.`,
  );
}

/** Refusals of an approval: nothing was decided and nothing was changed. */
export type ApprovalRefusal =
  | 'AlreadyDecided'
  | 'ApprovalExpired'
  | 'RequestEdited'
  | 'SelfApproval'
  | 'RoleNotDisjoint'
  | 'RequesterUnverified';

function refused(code: ApprovalRefusal, sentence: string): Failure {
  return new Failure(code, `${sentence} Nothing was changed.`, 'none');
}
