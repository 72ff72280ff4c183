import type { Call, Subject } from '../../../core/call';
import type { Change } from '../../../core/connector';
import type { CredentialVersion } from '../../../core/credential';
import { Failure } from '../../../core/failure';
import { seconds } from '../../../core/policy/duration';
import type { Policy } from '../../../core/policy/schema';
import { listedId } from '../../../core/run/revoking';
import type { RunState } from '../../../core/run/state';
import type { Outcome } from '../change';
import { iso, type Execution, type MutatorDeps } from '../deps';
import { mustKnow } from '../open/run';
import { callAs, subjectOf } from '../subject';
import { changesOf, type Changes } from './changes';
import { claimed } from './claim';
import { suspendOrBlock } from './fallback';
import { knownVersions, NAMED_BY_SECRET, type Known } from './known';

/** Settle leaves the obligations of a revocation alone for this long: its own run is about to pay them, in ms. */
const GRACE_MS = 60_000;

/** What contains one principal at the target, once in an invocation however many versions it has. */
type Containing = (version: Known) => Promise<Outcome>;

/**
 * Makes every credential of the identity unusable: the versions somebody remembers first, at once, then whatever
 * listing finds live at the target and attributable. Each is owed a refusal before it is touched. Takes the identity
 * away from whatever run has it.
 * @throws Failure LeaseHeld when another revocation has it, NothingToRevoke; of what the target answered, the first
 *   failure after everything else was contained
 */
export async function contain(deps: MutatorDeps, execution: Execution, given: RunState): Promise<RunState> {
  const { policy } = await deps.policies.of(given.identityId);
  const subject = subjectOf(deps, policy);
  return claimed(deps, execution, given, 'Contain', async (run) => {
    const row = await mustKnow(deps, run.identityId);
    const owed = (await deps.registry.obligationsOf(run.identityId)).filter(({ type }) => type !== 'review');
    const known = await knownVersions(deps, policy, subject, { row, owed });
    await oweAll(deps, policy, run, known);
    const by = run.about ?? run.runId;
    const at = row.revoked?.at ?? iso(deps.now());
    await deps.registry.setRevoked(run.identityId, run.fence, { runId: by, at });
    const call = await callAs(deps, run, policy, 'admin');
    const changes = await changesOf(deps, run, 'Contain', policy.controls);
    const containing = oncePerPrincipal((version) => containOne(deps, policy, subject, version, call));
    const until = deps.now() + deps.timeoutMs / 3;
    const failures = await containAll(deps, changes, known, { containing, until });
    const { own, foreign } = await listed(deps, subject, call, known);
    await oweAll(deps, policy, run, own);
    failures.push(...(await containAll(deps, changes, own, { containing, until })));
    await report(changes, foreign);
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
      if (!(error instanceof Failure) || error.category === 'fenced' || error.category === 'busy')
        throw error;
      if (error.category === 'transient' && deps.now() >= until) throw error;
      failures.push(error);
    }
  }
  return failures;
}

/** What nobody can attribute to the identity is on record and left alone. */
async function report(changes: Changes, foreign: readonly string[]): Promise<void> {
  if (foreign.length === 0) return;
  const detail = `${foreign.length} live credential(s) at the target cannot be attributed and were left alone: ${foreign.slice(0, 10).join(', ')}`;
  await changes.make({ versionId: null, change: 'list' }, async () => ({ effect: 'notApplicable', detail }));
}

async function oweAll(
  deps: MutatorDeps,
  policy: Policy,
  run: RunState,
  versions: readonly Known[],
): Promise<void> {
  await Promise.all(versions.map((version) => owe(deps, policy, run, version)));
}

async function owe(deps: MutatorDeps, policy: Policy, run: RunState, version: Known): Promise<void> {
  const now = deps.now();
  await deps.registry.openObligation({
    identityId: policy.id,
    versionId: version.versionId,
    remoteId: version.remoteId,
    type: 'refusal',
    by: 'revocation',
    runId: run.about ?? run.runId,
    openedAt: iso(now),
    deadline: iso(Date.parse(run.requestedAt) + seconds(policy.revocation.within) * 1_000),
    nextAttemptAt: iso(now + GRACE_MS),
    attempts: 0,
    why: version.noted === 'yes' ? 'revoked' : NAMED_BY_SECRET,
  });
}

/** Versions of one principal die together: the second one finds it done. */
function oncePerPrincipal(act: Containing): Containing {
  const done = new Map<string, Outcome>();
  return async (version) => {
    const earlier = done.get(version.remoteId);
    if (earlier) return { ...earlier, effect: 'alreadySo', versionId: version.versionId };
    const outcome = await act(version);
    done.set(version.remoteId, outcome);
    return outcome;
  };
}

async function containOne(
  deps: MutatorDeps,
  policy: Policy,
  subject: Subject,
  version: Known,
  call: Call,
): Promise<Outcome> {
  const { operations, descriptor } = deps.connector;
  const { versionId, remoteId } = version;
  const changed = await suspendOrBlock(deps, policy, subject, version, call).catch((error: unknown) =>
    leftAlone(version, error),
  );
  if (changed.effect === 'notApplicable') return { ...changed, versionId, remoteId };
  const { effect, requestId = null, left = null } = changed;
  const about = { effect, versionId, remoteId, requestId, detail: left };
  if (descriptor.sessions !== 'countable') return { ...about, cut: changed.cut ?? null };
  const before = await operations.countSessions(subject, version, {}, call);
  await operations.endSessions(subject, version, {}, call);
  const after = await operations.countSessions(subject, version, {}, call);
  const sessions = {
    versionId,
    before: before.count,
    after: after.count,
    countedBy: after.countedBy,
    method: 'counted',
  } as const;
  return { ...about, cut: changed.cut ?? null, sessions };
}

/**
 * The secret names a version that our notes do not, and the connector says it is none of the identity's: what somebody put
 * there is on record, left alone at the target, and presented like the others.
 */
function leftAlone({ noted }: Known, error: unknown): Change & Pick<Outcome, 'detail'> {
  if (noted === 'yes' || !(error instanceof Failure) || error.name !== 'InvalidInput') throw error;
  return { effect: 'notApplicable', detail: error.message.slice(0, 500) };
}

/** What lives at the target beside the known versions: the identity's own, and what nobody can attribute. */
async function listed(
  deps: MutatorDeps,
  subject: Subject,
  call: Call,
  known: readonly CredentialVersion[],
): Promise<{ readonly own: readonly Known[]; readonly foreign: readonly string[] }> {
  if (!deps.connector.descriptor.capabilities.includes('list')) return { own: [], foreign: [] };
  const live = await deps.connector.operations.list(subject, call);
  const names = known.map(({ remoteId }) => remoteId);
  const own = live.filter(
    ({ attributable, status, remoteId }) => attributable && status === 'active' && !names.includes(remoteId),
  );
  return {
    own: own.map(({ remoteId }) => ({ versionId: listedId(remoteId), remoteId, noted: 'yes' })),
    foreign: live.filter(({ attributable }) => !attributable).map(({ remoteId }) => remoteId),
  };
}

function nothing(policy: Policy): Failure {
  const message = `No credential of ${policy.id} is known: secret ${policy.secret} has no version, the registry knows none, and none that is its own lives at the target. Nothing was changed. See whether target and secret in the policy are the right ones.`;
  return new Failure('NothingToRevoke', message, 'none');
}
