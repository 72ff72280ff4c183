import { samePrincipal } from '../../../core/run/pair';
import type { RunState } from '../../../core/run/state';
import { change } from '../change';
import type { MutatorDeps } from '../deps';
import { assertInForce } from '../in-force';
import { unusable } from '../retire/run';
import { callAs, pairOfVersions, subjectOf } from '../subject';

/** Makes the abandoned candidate unusable, ends what sessions it had, and removes what is left of it. */
export async function undo(deps: MutatorDeps, run: RunState): Promise<RunState> {
  const { policy } = await deps.policies.of(run.identityId);
  const subject = subjectOf(deps, policy);
  const [pair, call] = await Promise.all([
    pairOfVersions(deps, policy, subject, run),
    callAs(deps, run, policy, 'admin'),
  ]);
  const candidate = pair.bad;
  const intent = {
    stage: 'Undo',
    controls: policy.controls,
    change: 'revokeCandidate',
    versionId: candidate.versionId,
    supersededId: null,
    check: () => assertInForce(deps.vault, policy, { good: pair.good.versionId, bad: candidate.versionId }),
  } as const;
  const { run: after } = await change(deps, run, intent, async () => {
    const done = await unusable(deps, run, subject, pair, call);
    if (samePrincipal(pair.good, candidate)) return done;
    const removed = await deps.connector.operations.revoke(subject, candidate, 'keepPrincipal', call);
    return { ...done, detail: removed.left ?? null };
  });
  return after;
}
