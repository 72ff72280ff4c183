import { Failure } from '../../../core/failure';
import { categoryOf } from '../../../core/failure-category';
import type { Policy } from '../../../core/policy/schema';
import type { RunState } from '../../../core/run/state';
import { iso, type Execution, type MutatorDeps } from '../deps';
import { mustKnow } from '../open/run';
import { callAs, subjectOf } from '../subject';
import { changesOf, type Changes } from './changes';
import { claimed } from './claim';
import { isolated } from './isolate';
import { listed, report } from './listed';
import { knownVersions, type Known } from './known';
import { containingOnce, type Containing } from './one';
import { oweAll, oweListing } from './owed';

/**
 * Makes every credential of the identity unusable: the versions somebody remembers first, at once, then whatever
 * listing finds live at the target and attributable. Each is owed a refusal before it is touched, and where nobody
 * remembers any, that the target be listed. Takes the identity away from whatever run has it.
 * @throws Failure LeaseHeld when another revocation has it, NothingToRevoke; of what the target answered, the first
 *   failure after everything else was contained
 */
export async function contain(deps: MutatorDeps, execution: Execution, given: RunState): Promise<RunState> {
  const { policy } = await deps.policies.of(given.identityId);
  const subject = subjectOf(deps, policy);
  return claimed(deps, execution, given, 'Contain', async (run) => {
    const row = await mustKnow(deps, run.identityId);
    const owed = (await deps.registry.obligationsOf(run.identityId)).filter(({ type }) => type !== 'review');
    const { known, disowned } = await knownVersions(deps, policy, subject, { row, owed });
    await oweAll(deps, policy, run, known);
    if (known.length === 0) await oweListing(deps, policy, run);
    const by = run.about ?? run.runId;
    const at = row.revoked?.at ?? iso(deps.now());
    await deps.registry.setRevoked(run.identityId, run.fence, { runId: by, at });
    const call = await callAs(deps, run, policy, 'admin');
    const changes = await changesOf(deps, run, 'Contain', policy.controls);
    const containing = containingOnce(deps, policy, subject, call);
    const until = deps.now() + deps.timeoutMs / 3;
    const failures = await isolated(deps, changes, subject, call);
    failures.push(...(await containAll(deps, changes, known, { containing, until })));
    const { own, foreign } = await listed(deps, subject, call, known);
    await oweAll(deps, policy, run, own);
    failures.push(...(await containAll(deps, changes, own, { containing, until })));
    await report(changes, policy, { foreign, disowned });
    if (failures[0]) throw failures[0];
    if (known.length + own.length > 0) return changes.run();
    // An attempt of this very run may have left the mark.
    const before = row.revoked?.runId === by ? undefined : row.revoked;
    await deps.registry.setRevoked(run.identityId, run.fence, before);
    throw nothing(policy);
  });
}

/**
 * Contains one after the other. One that cannot be contained must not keep the others alive, so its failure is kept for
 * the end; only a target that takes too long to say nothing ends the round, because it answers for none.
 */
async function containAll(
  deps: Pick<MutatorDeps, 'now'>,
  changes: Changes,
  versions: readonly Known[],
  { containing, until }: { readonly containing: Containing; readonly until: number },
): Promise<Failure[]> {
  const failures: Failure[] = [];
  for (const version of versions) {
    try {
      await changes.make({ versionId: version.versionId, change: 'contain' }, () => containing(version));
    } catch (error) {
      if (
        !(error instanceof Failure) ||
        categoryOf(error.name) === 'fenced' ||
        categoryOf(error.name) === 'busy'
      )
        throw error;
      if (categoryOf(error.name) === 'transient' && deps.now() >= until) throw error;
      failures.push(error);
    }
  }
  return failures;
}

function nothing(policy: Policy): Failure {
  const message = `No credential of ${policy.id} is known: secret ${policy.secret} holds none of its own, the registry knows none, and none that is its own lives at the target. Nothing was changed. See whether target and secret in the policy are the right ones.`;
  return new Failure('NothingToRevoke', message, 'none');
}
