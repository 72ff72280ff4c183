import type { Subject } from '../../../core/call';
import { Failure } from '../../../core/failure';
import type { Policy } from '../../../core/policy/schema';
import type { Revoked } from '../../../core/ports/registry';
import { samePrincipal } from '../../../core/run/pair';
import type { RunState } from '../../../core/run/state';
import { change } from '../change';
import type { MutatorDeps } from '../deps';
import { census } from '../mint/census';
import { revokeOrphans } from '../mint/orphans';
import { callAs, mustHold, pairOfVersions, subjectOf, type Held } from '../subject';
import { abandoned } from '../turned-back';
import { backInForce, works } from './back-in-force';
import { settledOn } from './settled-on';
import { refuseUnkept } from './unkept';

/**
 * First step of a run that pays an obligation. The version in force is what AWSCURRENT says now, not what anybody
 * remembers. A run that died or could not reach the target may have left another value in force there; without this the
 * good credential could never be confirmed. One that is accepted as it is, is left alone.
 * @throws Failure ObligationWithdrawn when what was owed a refusal is the current version again and accepted, or never
 *   became durable; closing the run then withdraws the obligation. NewNotAccepted when it is current and refused
 */
export async function reassert(deps: MutatorDeps, run: RunState): Promise<RunState> {
  const { policy } = await deps.policies.of(run.identityId);
  const { current } = await deps.vault.labels(policy.secret);
  if (current === undefined) throw noCurrent(policy);
  if (current === run.superseded) return backInForce(deps, run, policy, current);
  const row = await deps.registry.identity(run.identityId);
  const cut = row?.versions.find((version) => version.versionId === current)?.cut ?? null;
  const paying = { ...run, candidate: current, cut };
  await refuseUnkept(deps, paying, policy, row?.versions ?? []);
  return putBack(deps, paying, policy, 'Reassert');
}

function noCurrent(policy: Policy): Failure {
  const message = `Secret ${policy.secret} of ${policy.id} has no AWSCURRENT version, so nothing can stand as positive control. Nothing was changed. Put the credential in use there; what is owed stays owed.`;
  return new Failure('SecretMissing', message, 'none');
}

/**
 * First step back. It finds out from evidence and the vault whether there is a candidate to undo at all, opens the
 * obligation for it, and where the candidate had replaced the old credential at the target, puts that one back.
 * @throws Failure StepBusy while a worker of this run may still be acting at the target
 */
export async function reinstate(deps: MutatorDeps, run: RunState): Promise<RunState> {
  const { policy } = await deps.policies.of(run.identityId);
  const subject = subjectOf(deps, policy);
  const { undo, row, candidate } = await settledOn(deps, run, policy, subject);
  if (!candidate) {
    const cleared = undo.candidate === null ? undo : await clearIssued(deps, undo, policy, subject);
    await forgetCandidate(deps, run);
    return { ...cleared, candidate: null, superseded: null };
  }
  if (row?.revoked) return revokedAgain(deps, policy, undo, candidate, row.revoked);
  await deps.registry.openObligation(abandoned(policy, run.runId, candidate, deps.now()));
  return putBack(deps, undo, policy, 'Reinstate');
}

/**
 * What the candidate was to replace is revoked and must not work again, so there is no way back: the candidate joins what
 * the revocation demands dead, and Settle contains it.
 */
async function revokedAgain(
  deps: MutatorDeps,
  policy: Policy,
  undo: RunState,
  candidate: Held,
  revoked: Revoked,
): Promise<RunState> {
  const owed = abandoned(policy, revoked.runId, candidate, deps.now());
  await deps.registry.openObligation({ ...owed, by: 'revocation', why: 'minted by a reissue that failed' });
  return { ...undo, candidate: null, superseded: null };
}

/**
 * An issuer may have made what never got into the vault. Without this it would stay live until the next Mint, which
 * looks again.
 */
async function clearIssued(
  deps: MutatorDeps,
  run: RunState,
  policy: Policy,
  subject: Subject,
): Promise<RunState> {
  if (deps.connector.descriptor.issueStyle === 'chosen') return run;
  const call = await callAs(deps, run, policy, 'admin');
  const intent = {
    stage: 'Reinstate',
    controls: policy.controls,
    change: 'revokeOrphans',
    versionId: run.candidate,
    supersededId: run.superseded,
  } as const;
  const { run: after } = await change(deps, run, intent, async () => {
    const { orphans } = await census(deps, policy, subject, call, run.runId);
    const detail = await revokeOrphans(deps, subject, orphans, call);
    return { effect: detail === undefined ? 'alreadySo' : 'applied', detail: detail ?? null };
  });
  return after;
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
  const { good: inForce, bad } = await pairOfVersions(deps, policy, subject, run);
  const good = await mustHold(deps, policy, subject, inForce.versionId);
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
    const at = { versionId, remoteId };
    if (stage === 'Reassert' && run.cut !== null && (await works(deps, subject, good, call)))
      return { ...at, effect: 'alreadySo' };
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
