import { APPROVAL_SECONDS, approvalIdOf, frozenRequest } from '../../../core/approval/request';
import type { RecordOf } from '../../../core/evidence/record';
import { Failure } from '../../../core/failure';
import type { Notice } from '../../../core/notice/notice';
import { approvalNotice } from '../../../core/notice/of-person';
import type { ApprovalKind, Approvals, StartRequests } from '../../../core/ports/approvals';
import type { RunState } from '../../../core/run/state';
import type { RunRegistry } from '../../../core/ports/registry';
import { iso, type Deps, type Execution, type Using } from '../deps';
import { newest, storyOf } from '../heads';
import { notify } from '../notify';
import { openBeside, type Opening } from '../short-run';
import { requesterOf } from './requester';

type Ports = Pick<Deps, 'evidence' | 'policies' | 'notices' | 'now' | 'ledgerId' | 'code'> &
  Using<RunRegistry & Approvals & StartRequests>;

/** What the approval function answers Step Functions; the execution goes on waiting. */
export interface Requested {
  readonly approvalId: string;
  readonly requestSha256: string;
}

/**
 * Asks for an approval of a run: opens a run of kind `approval` about it, then stores the frozen request and the token
 * that ends the wait. The token is in no record. A repeated call has a new token, which takes the place of the first.
 * @throws Failure NotApproved when the run has no RunOpened record to freeze
 */
export async function requestApproval(
  deps: Ports,
  execution: Execution,
  run: RunState,
  taskToken: string,
): Promise<Requested> {
  const opened = await mustBeOpen(deps, run.runId);
  const request = frozenRequest(opened);
  const approvalId = approvalIdOf(run.runId);
  const now = deps.now();
  const expiresAt = iso(now + APPROVAL_SECONDS * 1_000);
  await openBeside(deps, openingOf(execution, run, opened, expiresAt));
  const stored = await deps.registry.putApproval({
    approvalId,
    runId: run.runId,
    identityId: run.identityId,
    kind: kindOf(opened),
    request: request.text,
    requestSha256: request.sha256,
    requester: await requesterOf(deps, opened),
    taskToken,
    requestedAt: iso(now),
    expiresAt,
    decision: undefined,
  });
  if (stored === 'exists') await deps.registry.renewTaskToken(approvalId, taskToken);
  await notify(deps, [noticeFor(opened, approvalId, expiresAt)]);
  return { approvalId, requestSha256: request.sha256 };
}

function noticeFor(
  { runId, ledgerId, kind, identity, at, actor, reason, selection }: RecordOf<'RunOpened'>,
  approvalId: string,
  deadline: string,
): Notice {
  const about = { runId, ledgerId, kind, identityId: identity.id, owner: identity.owner, deadline, at };
  const whom = selection ? `${selection.count} identities: ` : '';
  return approvalNotice(
    about,
    approvalId,
    `${actor.id} asks, until ${deadline}: ${whom}${reason ?? 'no reason given'}.`,
  );
}

function openingOf(
  execution: Execution,
  run: RunState,
  { kind, reason, requestedAt }: RecordOf<'RunOpened'>,
  deadline: string,
): Opening {
  return {
    runId: approvalIdOf(run.runId),
    kind: 'approval',
    identityId: run.identityId,
    actor: run.actor,
    stage: 'Approve',
    trigger: `approval of ${kind} ${run.runId}`.slice(0, 500),
    reason,
    requestedAt,
    deadline,
    about: run.runId,
    stages: ['Approve', 'Decide'],
    executionArn: execution.id,
  };
}

/** The first record of a run. @throws Failure NotApproved */
export async function mustBeOpen(
  deps: Pick<Deps, 'evidence'>,
  runId: string,
): Promise<RecordOf<'RunOpened'>> {
  const opened = newest((await storyOf(deps.evidence, runId)).run, 'RunOpened');
  if (opened) return opened;
  const message = `Run ${runId} has no RunOpened record, so nobody can see what would be approved. Nothing was changed. Start the run again.`;
  throw new Failure('NotApproved', message, 'none');
}

function kindOf({ kind }: RecordOf<'RunOpened'>): ApprovalKind {
  return kind === 'revocation' || kind === 'bulk' ? kind : 'rotation';
}
