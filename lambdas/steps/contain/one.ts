import type { Call, Subject } from '../../../core/call';
import type { Change } from '../../../core/connector';
import { Failure } from '../../../core/failure';
import type { Policy } from '../../../core/policy/schema';
import type { Outcome } from '../change';
import type { MutatorDeps } from '../deps';
import { suspendOrBlock } from './fallback';
import type { Known } from './known';

/** Counting sessions holds the suspension up for at most this long, in milliseconds. */
const COUNT_MS = 2_000;

/** What contains one principal at the target, once in an invocation however many versions it has. */
export type Containing = (version: Known) => Promise<Outcome>;

/** Versions of one principal die together: the second one finds it done. */
export function containingOnce(deps: MutatorDeps, policy: Policy, subject: Subject, call: Call): Containing {
  const done = new Map<string, Outcome>();
  return async (version) => {
    const earlier = done.get(version.remoteId);
    if (earlier) return { ...earlier, effect: 'alreadySo', versionId: version.versionId };
    const outcome = await containOne(deps, policy, subject, version, call);
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
  const countable = descriptor.sessions === 'countable';
  const before = countable ? await countedBefore(deps, subject, version, call) : null;
  const changed = await suspendOrBlock(deps, policy, subject, version, call).catch((error: unknown) =>
    leftAlone(version, error),
  );
  if (changed.effect === 'notApplicable') return { ...changed, versionId, remoteId };
  const { effect, requestId = null, left = null } = changed;
  const about = { effect, versionId, remoteId, requestId, detail: left };
  if (!countable) return { ...about, cut: changed.cut ?? null };
  await operations.endSessions(subject, version, {}, call);
  const after = await operations.countSessions(subject, version, {}, call);
  const sessions = {
    versionId,
    before,
    after: after.count,
    countedBy: after.countedBy,
    method: 'counted',
  } as const;
  return { ...about, cut: changed.cut ?? null, sessions };
}

/** Sessions while the credential still works; null when they cannot be counted, which keeps nobody from containing it. */
async function countedBefore(
  { connector }: Pick<MutatorDeps, 'connector'>,
  subject: Subject,
  version: Known,
  call: Call,
): Promise<number | null> {
  try {
    const briefly = { ...call, timeoutMs: Math.min(call.timeoutMs, COUNT_MS) };
    return (await connector.operations.countSessions(subject, version, {}, briefly)).count;
  } catch (error) {
    if (error instanceof Failure) return null;
    throw error;
  }
}

/**
 * The secret names a version that our notes do not, and the connector says it is none of the identity's: what somebody put
 * there is on record, left alone at the target, and presented like the others.
 */
function leftAlone({ noted }: Known, error: unknown): Change & Pick<Outcome, 'detail'> {
  if (noted === 'yes' || !(error instanceof Failure) || error.name !== 'InvalidInput') throw error;
  return { effect: 'notApplicable', detail: error.message.slice(0, 500) };
}
