import { idOf } from '../../../core/approval/principal';
import { approvalIdOf, frozenRequest } from '../../../core/approval/request';
import { append } from '../../../core/evidence/append';
import { Failure } from '../../../core/failure';
import type { Approval, Approvals, Decision } from '../../../core/ports/approvals';
import type { RunState } from '../../../core/run/state';
import type { RunRegistry } from '../../../core/ports/registry';
import { iso, type Deps, type Using } from '../deps';
import { stampOf } from '../stamp';
import { closeApproval, decidedBy, decidedOrExpired } from './close-approval';
import { mustBeOpen } from './request';

type Ports = Pick<Deps, 'evidence' | 'policies' | 'notices' | 'now' | 'ledgerId' | 'code'> &
  Using<RunRegistry & Approvals>;

/**
 * Lets a run go on if its approval was approved. The output of the wait is not looked at: whoever holds a task token can
 * end the wait with anything, so the stored decision is read, and the request is frozen again from the run's own record.
 * @throws Failure NotApproved when there is no approval, it was denied, nobody decided in time, or the request differs
 */
export async function readDecision(deps: Ports, run: RunState): Promise<RunState> {
  const approvalId = approvalIdOf(run.runId);
  const approval = await decidedOrExpired(deps, approvalId);
  if (!approval) throw notApproved(run, `there is no approval ${approvalId}`);
  await closeApproval(deps, approval);
  const { decision } = approval;
  if (decision.verdict !== 'approved') throw notApproved(run, sentenceOf(approval, decision));
  const opened = await mustBeOpen(deps, run.runId);
  const asked = frozenRequest(opened).sha256;
  if (decision.requestSha256 !== asked || approval.requestSha256 !== asked) {
    const what = `what was approved (${decision.requestSha256}) is not what this run was opened for (${asked})`;
    throw notApproved(run, what);
  }
  const { head } = await append(deps.evidence, stampOf(deps, run, 'Approved', opened.controls), {
    chain: 'RUN',
    head: run,
    item: approvalId,
    at: iso(deps.now()),
    statement: decidedBy(approval),
  });
  return { ...run, seq: head.seq, prev: head.prev };
}

function sentenceOf({ approvalId, expiresAt }: Approval, { verdict, approver, reason }: Decision): string {
  const by = approver ? ` by ${idOf(approver)}` : '';
  const why = reason === undefined ? '' : `: ${reason}`;
  return verdict === 'expired'
    ? `approval ${approvalId} was open until ${expiresAt} and nobody decided`
    : `approval ${approvalId} was ${verdict}${by}${why}`;
}

function notApproved(run: RunState, what: string): Failure {
  const alone =
    run.kind === 'revocation'
      ? `, or, if it cannot wait, without a second person: gapless revoke ${run.identityId} --reason "<why>" --break-glass, which somebody reviews within 24 hours`
      : '';
  const message = `Run ${run.runId} of ${run.identityId} is not approved: ${what}. Nothing was changed. Start it again when somebody is there to approve it (gapless approvals)${alone}.`;
  return new Failure('NotApproved', message, 'none');
}
