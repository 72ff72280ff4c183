import { parseRecord } from '../../../core/evidence/record';
import { Failure } from '../../../core/failure';
import type { RunState } from '../../../core/run/state';
import type { Claims, Preemptions } from '../../../core/ports/registry';
import type { StepName } from '../contracts';
import { iso, type Deps, type Execution, type Using } from '../deps';

type Ports = Pick<Deps, 'evidence' | 'now' | 'timeoutMs'> & Using<Claims & Preemptions>;

/**
 * Takes the identity for a revocation and acts under its fence. A run that settles has the lease already. What a
 * preempted worker may still be doing is waited for by the proof, never by this.
 * @throws Failure LeaseHeld while another revocation has it; FenceLost when the run is closed already; StepBusy while another worker of this stage may be acting
 */
export async function claimed(
  deps: Ports,
  execution: Execution,
  given: RunState,
  stage: StepName,
  act: (run: RunState) => Promise<RunState>,
): Promise<RunState> {
  const run = given.kind === 'settle' ? given : await preempt(deps, execution, given);
  const now = deps.now();
  const claim = { fence: run.fence, stage, now: iso(now), until: iso(now + deps.timeoutMs) };
  await deps.registry.claimBusy(run.identityId, claim);
  try {
    return await act(run);
  } finally {
    await deps.registry.releaseBusy(run.identityId, run.fence);
  }
}

async function preempt(deps: Ports, execution: Execution, run: RunState): Promise<RunState> {
  const { runId, identityId } = run;
  const lease = {
    runId,
    executionArn: execution.id,
    claimedAt: iso(deps.now()),
    kind: 'revocation',
  } as const;
  const taken = await deps.registry.preemptLease(identityId, lease);
  if ('fence' in taken) {
    await assertOpen(deps, run);
    return { ...run, fence: taken.fence, notBefore: taken.notBefore ?? null };
  }
  const message = `Identity ${identityId} is being revoked already, by run ${taken.heldBy.runId}. This run changed nothing. Watch that one: gapless evidence show ${taken.heldBy.runId}`;
  throw new Failure('LeaseHeld', message, 'none');
}

/**
 * A delivery may come late, when its run has closed and given the identity back. Looked at after the identity was taken:
 * a run that closes from here on gives it back itself.
 */
async function assertOpen(deps: Ports, { runId, identityId }: RunState): Promise<void> {
  const last = await deps.evidence.last('RUN', runId);
  if (last === undefined || parseRecord(last.body).type !== 'RunClosed') return;
  await deps.registry.releaseLease(identityId, runId);
  const message = `Run ${runId} is closed, so this delivery of one of its steps came too late. Nothing was changed. Look at the run: gapless evidence show ${runId}`;
  throw new Failure('FenceLost', message, 'none');
}
