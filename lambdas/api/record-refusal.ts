import { actorOf, type Principal } from '../../core/approval/principal';
import type { Actor } from '../../core/evidence/record';
import type { Failure } from '../../core/failure';
import type { RunRegistry } from '../../core/ports/registry';
import { iso, type Deps, type Using } from '../steps/deps';
import { nameOf } from '../steps/settle/name';
import { shortRun } from '../steps/short-run';

type Ports = Pick<Deps, 'evidence' | 'policies' | 'notices' | 'now' | 'ledgerId' | 'code'> &
  Using<RunRegistry>;

/** An attempt that was turned away. */
export interface Attempt {
  /** The approval's run, or the run that a review is owed for. */
  readonly about: string;
  readonly identityId: string;
  /** What was asked for, such as `approved`. */
  readonly asked: string;
  readonly requester: Actor;
  readonly by: Principal;
  readonly requestSha256: string;
  readonly refusal: Failure;
}

/**
 * Records a refused attempt as a run of its own, `about` what it was for. The same attempt of the same session is recorded
 * once, so nobody can fill the ledger by asking again.
 */
export async function recordRefusal(deps: Ports, attempt: Attempt): Promise<void> {
  const { about, identityId, asked, requester, by, refusal } = attempt;
  const approver = actorOf(by);
  const requestSha256 = attempt.requestSha256.slice(0, 64);
  await shortRun(
    deps,
    {
      runId: nameOf('refusal', about, approver.id, asked, refusal.name, requestSha256),
      kind: 'approval',
      identityId,
      actor: approver,
      stage: 'Decide',
      trigger: `attempt: ${asked}`,
      reason: null,
      requestedAt: iso(deps.now()),
      deadline: null,
      about,
      stages: ['Decide'],
      executionArn: 'none',
    },
    {
      statement: {
        type: 'ApprovalDecided',
        decision: 'refused',
        requester,
        approver,
        requestSha256,
        cause: refusal.message.slice(0, 1_000),
      },
      outcome: 'refused',
      cause: { code: refusal.name, sentence: refusal.message },
    },
  );
}
