import { seconds } from '../../../core/policy/duration';
import type { Policy } from '../../../core/policy/schema';
import { samePrincipal } from '../../../core/run/pair';
import type { RunState } from '../../../core/run/state';
import { change } from '../change';
import { iso, type MutatorDeps } from '../deps';
import { newest, storyOf } from '../heads';
import { callAs, held, mustHoldPair, subjectOf } from '../subject';

/** Settle leaves an abandoned candidate alone for this long: its own run is about to prove it refused. */
const GRACE_MS = 2 * 60_000;

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
  const intended = newest(story.run, 'ChangeIntended', 'Mint');
  const made = newest(story.run, 'ChangeMade', 'Mint');
  const undo: RunState = { ...run, ...story.heads, direction: 'undo', candidate: null, superseded: null };
  const subject = subjectOf(deps, policy);
  const candidateId = intended?.versionId ?? undefined;
  const candidate = candidateId === undefined ? undefined : await held(deps, policy, subject, candidateId);
  if (!candidate || !intended) {
    await forgetCandidate(deps, run);
    return undo;
  }
  const now = deps.now();
  await deps.registry.openObligation({
    identityId: run.identityId,
    versionId: candidate.versionId,
    remoteId: candidate.remoteId,
    type: 'refusal',
    runId: run.runId,
    openedAt: iso(now),
    deadline: iso(now + seconds(policy.revocation.within) * 1_000),
    nextAttemptAt: iso(now + GRACE_MS),
    attempts: 0,
    why: 'minted by a run that was undone',
  });
  const cutFrom = made?.cut ?? null;
  return putBack(
    deps,
    { ...undo, candidate: candidate.versionId, superseded: intended.supersededId, cutFrom },
    policy,
    'Reinstate',
  );
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
