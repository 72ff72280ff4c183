import type { Call, Subject } from '../../../core/call';
import type { SessionScope } from '../../../core/connector';
import type { CredentialVersion } from '../../../core/credential';
import type { SessionsCounted } from '../../../core/evidence/record';
import { Failure } from '../../../core/failure';
import type { Policy } from '../../../core/policy/schema';
import { samePrincipal, sessionsOf } from '../../../core/run/pair';
import type { RunState } from '../../../core/run/state';
import { change } from '../change';
import type { MutatorDeps } from '../deps';
import { assertInForce } from '../in-force';
import { callAs, pairOfVersions, subjectOf } from '../subject';

/** An old credential is retired only while this young a proof says that the new one is accepted, in milliseconds. */
const CONFIRMATION_MS = 10 * 60_000;

/**
 * Makes the old credential unusable and ends its sessions.
 * @throws Failure ConfirmationStale when the new credential was last proven too long ago (Tr3kkR/Yuzu#2962)
 */
export async function retire(deps: MutatorDeps, run: RunState): Promise<RunState> {
  const { policy } = await deps.policies.of(run.identityId);
  const subject = subjectOf(deps, policy);
  assertConfirmed(deps, run, policy);
  const pair = await pairOfVersions(deps, policy, subject, run);
  const ready = callAs(deps, run, policy, 'admin');
  const intent = {
    stage: 'Retire',
    controls: policy.controls,
    change: 'retire',
    versionId: pair.bad.versionId,
    supersededId: null,
    ready,
    check: () => assertInForce(deps.vault, policy, { good: pair.good.versionId, bad: pair.bad.versionId }),
  } as const;
  const { run: after } = await change(deps, run, intent, async () => {
    return unusable(deps, run, subject, pair, await ready);
  });
  return after;
}

function assertConfirmed(deps: MutatorDeps, run: RunState, policy: Policy): void {
  const age = run.confirmedAt === null ? undefined : deps.now() - run.confirmedAt;
  if (age !== undefined && age <= CONFIRMATION_MS) return;
  const given =
    age === undefined ? 'was not proven in this run' : `was last proven ${Math.round(age / 1_000)} s ago`;
  const message = `The new credential of ${policy.id} ${given}; at most ${CONFIRMATION_MS / 1_000} s are allowed before the old one is retired. Nothing was changed, the old one still works. Settle proves the new one again and goes on.`;
  throw new Failure('ConfirmationStale', message, 'none');
}

/** Suspends the bad version unless it shares the good one's principal, and ends the sessions that belong to it. */
export async function unusable(
  deps: MutatorDeps,
  run: RunState,
  subject: Subject,
  pair: { readonly good: CredentialVersion; readonly bad: CredentialVersion },
  call: Call,
) {
  const { good, bad } = pair;
  const { operations } = deps.connector;
  const changed = samePrincipal(good, bad) ? undefined : await operations.suspend(subject, bad, call);
  const sessions = await ended(deps, subject, bad, sessionsOf(run, good, bad), call);
  const { versionId, remoteId } = bad;
  return { effect: changed?.effect ?? 'alreadySo', versionId, remoteId, sessions } as const;
}

async function ended(
  deps: MutatorDeps,
  subject: Subject,
  version: CredentialVersion,
  scope: SessionScope,
  call: Call,
): Promise<SessionsCounted | null> {
  if (deps.connector.descriptor.sessions !== 'countable') return null;
  const { operations } = deps.connector;
  const { count, countedBy } = await operations.endSessions(subject, version, scope, call);
  const left = await operations.countSessions(subject, version, scope, call);
  return { versionId: version.versionId, before: count, after: left.count, countedBy, method: 'counted' };
}
