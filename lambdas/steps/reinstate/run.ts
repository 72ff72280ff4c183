import type { Policy } from '../../../core/policy/schema';
import { samePrincipal } from '../../../core/run/pair';
import type { RunState } from '../../../core/run/state';
import { change } from '../change';
import type { MutatorDeps } from '../deps';
import { storyOf } from '../heads';
import { callAs, held, mustHoldPair, subjectOf } from '../subject';
import { abandoned, turnedBack } from '../turned-back';

/**
 * First step of a run that pays an obligation. A run that died or could not reach the target may have left another value
 * in force there than the vault's current one; without this the good credential could never be confirmed.
 */
export async function reassert(deps: MutatorDeps, run: RunState): Promise<RunState> {
  const { policy } = await deps.policies.of(run.identityId);
  return putBack(deps, run, policy, 'Reassert');
}

/**
 * First step back. It finds out from evidence and the vault whether there is a candidate to undo at all, opens the
 * obligation for it, and where the candidate had replaced the old credential at the target, puts that one back.
 */
export async function reinstate(deps: MutatorDeps, run: RunState): Promise<RunState> {
  const { policy } = await deps.policies.of(run.identityId);
  const story = await storyOf(deps.evidence, run.runId);
  const undo = turnedBack(run, story, 'Reinstate');
  const subject = subjectOf(deps, policy);
  const candidate = undo.candidate === null ? undefined : await held(deps, policy, subject, undo.candidate);
  if (!candidate) {
    await forgetCandidate(deps, run);
    return { ...undo, candidate: null, superseded: null };
  }
  await deps.registry.openObligation(abandoned(policy, run.runId, candidate, deps.now()));
  return putBack(deps, undo, policy, 'Reinstate');
}

/** The candidate never became durable, so it was never applied; only the registry's note of it is left. */
async function forgetCandidate(deps: MutatorDeps, run: RunState): Promise<void> {
  const row = await deps.registry.identity(run.identityId);
  const kept =
    row?.versions.filter((version) => version.runId !== run.runId || version.stage !== 'AWSPENDING') ?? [];
  if (row && kept.length !== row.versions.length)
    await deps.registry.setVersions(run.identityId, run.fence, kept);
}

async function putBack(
  deps: MutatorDeps,
  run: RunState,
  policy: Policy,
  stage: 'Reinstate' | 'Reassert',
): Promise<RunState> {
  const subject = subjectOf(deps, policy);
  const { good, bad } = await mustHoldPair(deps, policy, subject, run);
  const { versionId, remoteId } = good;
  const intent = {
    stage,
    controls: policy.controls,
    change: 'reinstate',
    versionId,
    supersededId: bad.versionId,
  } as const;
  const { run: after, made } = await change(deps, run, intent, async () => {
    if (!samePrincipal(good, bad)) return { effect: 'notApplicable', versionId, remoteId };
    const call = await callAs(deps, run, policy, 'admin');
    const done = await deps.connector.operations.apply(subject, good, good.material, call);
    return {
      effect: done.effect,
      versionId,
      remoteId,
      cut: done.cut ?? null,
      requestId: done.requestId ?? null,
    };
  });
  return { ...after, cut: made.cut ?? after.cut };
}
