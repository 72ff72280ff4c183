import type { Call, Subject } from '../../../core/call';
import type { Change } from '../../../core/connector';
import { Failure } from '../../../core/failure';
import { categoryOf } from '../../../core/failure-category';
import type { Policy } from '../../../core/policy/schema';
import { containmentsOf, type Containment } from '../../../core/run/revoking';
import type { RunState } from '../../../core/run/state';
import type { Outcome } from '../change';
import { changesOf } from '../contain/changes';
import { claimed } from '../contain/claim';
import { hasGateway } from '../contain/fallback';
import { iso, type Execution, type MutatorDeps } from '../deps';
import { storyOf } from '../heads';
import { callAs, subjectOf } from '../subject';

/** A removal that could not complete is tried again this much later, in milliseconds. */
const AGAIN_MS = 60 * 60_000;

/** A credential as the target calls it. */
type Dead = Containment & { readonly remoteId: string };

/**
 * Removes the principals of a revoked identity, each proven refused before. One that cannot be removed neither blocks
 * the run nor hides: it is owed a removal (JiRaska/open-bank-oss#9689). Where a new credential is wanted the principals
 * stay, because they are to carry it.
 */
export async function removeRevoked(
  deps: MutatorDeps,
  execution: Execution,
  given: RunState,
): Promise<RunState> {
  const { policy } = await deps.policies.of(given.identityId);
  const subject = subjectOf(deps, policy);
  return claimed(deps, execution, given, 'Remove', async (run) => {
    const [story, call] = await Promise.all([
      storyOf(deps.evidence, run.runId),
      callAs(deps, run, policy, 'admin'),
    ]);
    const changes = await changesOf(deps, run, 'Remove', policy.controls);
    const removed = new Map<string, Outcome>();
    for (const dead of containmentsOf(story).filter(isDead)) {
      const { versionId, remoteId } = dead;
      await changes.make({ versionId, change: 'remove' }, async () => {
        const outcome =
          removed.get(remoteId) ?? (await removal(deps, changes.run(), { policy, subject, call, dead }));
        removed.set(remoteId, outcome);
        return { ...outcome, versionId };
      });
    }
    return changes.run();
  });
}

function isDead(contained: Containment): contained is Dead {
  return contained.remoteId !== null && contained.proof?.finding === 'proven';
}

interface Removing {
  readonly policy: Policy;
  readonly subject: Subject;
  readonly call: Call;
  readonly dead: Dead;
}

async function removal(deps: MutatorDeps, run: RunState, removing: Removing): Promise<Outcome> {
  const { policy, dead } = removing;
  const { versionId, remoteId } = dead;
  if (dead.touched === 'leftAlone')
    return { effect: 'notApplicable', remoteId, detail: "it is none of the identity's and was left alone" };
  if (run.reissue !== null)
    return { effect: 'notApplicable', remoteId, detail: 'the principal stays, a new credential is wanted' };
  const { effect, left, requestId = null } = await attempt(deps, removing);
  if (effect !== 'deferred') return { effect, remoteId, requestId };
  const now = deps.now();
  await deps.registry.openObligation({
    identityId: policy.id,
    versionId,
    remoteId,
    type: 'removal',
    by: 'revocation',
    runId: run.about ?? run.runId,
    openedAt: iso(now),
    deadline: undefined,
    nextAttemptAt: iso(now + AGAIN_MS),
    attempts: 0,
    why: left,
  });
  return { effect, remoteId, requestId, detail: left };
}

/** A target that refuses or does not answer now leaves the credential as dead as it was proven to be. */
async function attempt(
  deps: MutatorDeps,
  { policy, subject, call, dead }: Removing,
): Promise<Change & { readonly left: string }> {
  try {
    const done = await deps.connector.operations.revoke(subject, dead, 'removePrincipal', call);
    // Proven refused by the target itself, so nothing depends on the gateway's block any more.
    if (hasGateway(deps, policy)) await deps.connector.operations.unblock(subject, dead, call);
    return { ...done, left: done.left ?? 'the target could not complete the removal' };
  } catch (error) {
    if (!(error instanceof Failure) || categoryOf(error.name) === 'fenced') throw error;
    return { effect: 'deferred', left: error.message.slice(0, 500) };
  }
}
