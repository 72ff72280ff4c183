import { samePrincipal } from '../../../core/run/pair';
import type { RunState } from '../../../core/run/state';
import { change, nothingToDo } from '../change';
import { iso, type MutatorDeps } from '../deps';
import { assertInForce } from '../in-force';
import { callAs, pairOfVersions, subjectOf } from '../subject';

/** A removal that could not complete is tried again this much later, in milliseconds. */
const AGAIN_MS = 60 * 60_000;

/**
 * Removes what is left of the old credential. It was proven refused before, so a removal that cannot complete neither
 * blocks the run nor hides: it opens an obligation of its own (JiRaska/open-bank-oss#9689).
 */
export async function remove(deps: MutatorDeps, run: RunState): Promise<RunState> {
  const { policy } = await deps.policies.of(run.identityId);
  const subject = subjectOf(deps, policy);
  const { good, bad: old } = await pairOfVersions(deps, policy, subject, run);
  const { versionId, remoteId } = old;
  const intent = {
    stage: 'Remove',
    controls: policy.controls,
    change: 'remove',
    versionId,
    supersededId: null,
  } as const;
  // Where both are one principal there is nothing left to remove.
  if (samePrincipal(good, old)) return (await nothingToDo(deps, run, intent, { versionId, remoteId })).run;
  const ready = callAs(deps, run, policy, 'admin');
  const check = () => assertInForce(deps.vault, policy, { good: good.versionId, bad: versionId });
  const { run: after } = await change(deps, run, { ...intent, ready, check }, async () => {
    const done = await deps.connector.operations.revoke(subject, old, 'keepPrincipal', await ready);
    const removal = { identityId: policy.id, versionId, type: 'removal', by: 'rotation' } as const;
    if (done.effect === 'deferred') {
      const now = deps.now();
      await deps.registry.openObligation({
        ...removal,
        remoteId,
        runId: run.runId,
        openedAt: iso(now),
        deadline: undefined,
        nextAttemptAt: iso(now + AGAIN_MS),
        attempts: 0,
        why: done.left ?? 'the target could not complete the removal',
      });
    }
    return {
      effect: done.effect,
      versionId,
      remoteId,
      requestId: done.requestId ?? null,
      detail: done.left ?? null,
    };
  });
  return after;
}
