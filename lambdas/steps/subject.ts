import type { Call, Subject } from '../../core/call';
import type { CredentialVersion } from '../../core/credential';
import { Failure, type FailureCode } from '../../core/failure';
import type { Material } from '../../core/material';
import { parsedTarget } from '../../core/parsed-target';
import type { Policy } from '../../core/policy/schema';
import type { CurrentVersion, Vault } from '../../core/ports/vault';
import { pairOf } from '../../core/run/pair';
import type { RunState } from '../../core/run/state';
import type { ConnectorDeps } from './deps';

/** A version together with its material, as long as one invocation needs it. */
export interface Held extends CredentialVersion {
  readonly material: Material;
}

/**
 * The identity as its connector sees it. The target was parsed at synth and is parsed again at this door.
 * @throws Failure InvalidInput naming each field of the target that is not understood
 */
export function subjectOf(deps: Pick<ConnectorDeps, 'connector'>, policy: Policy): Subject {
  const { id: identityId, target } = policy;
  const parsed = parsedTarget(deps.connector.descriptor.target, { identityId, target });
  return { identityId, strategy: strategyOf(policy), target: parsed };
}

/** The rotation strategy; identities without a rotation are only ever revoked. */
export function strategyOf(policy: Policy): string {
  return policy.rotation?.strategy ?? 'none';
}

/** A call at the target with the given authority; every statement ends well before the function does. */
function callOf(deps: ConnectorDeps, run: Pick<RunState, 'runId' | 'fence'>, authority: Material): Call {
  const { random, now, monotonic, sleep, own } = deps;
  const timeoutMs = Math.min(10_000, Math.floor(deps.timeoutMs / 3));
  const who = { authority, ...(own && { own }) };
  return { runId: run.runId, fence: run.fence, ...who, timeoutMs, random, now, monotonic, sleep };
}

/** A call under the authority of the target's admin or control secret. */
export async function callAs(
  deps: ConnectorDeps,
  run: Pick<RunState, 'runId' | 'fence'>,
  policy: Policy,
  field: 'admin' | 'control',
): Promise<Call> {
  return callOf(deps, run, await authorityOf(deps.vault, policy, field));
}

/** Reads the admin or control secret of a target, and says which policy field names it when it is not there. */
async function authorityOf(
  vault: Pick<Vault, 'readAuthority'>,
  policy: Policy,
  field: 'admin' | 'control',
): Promise<Material> {
  return (await orMissing(policy, field, (secret) => vault.readAuthority(secret))).material;
}

/**
 * Sees that there is a control credential, without reading it: without one nothing could be proven afterwards.
 * @throws Failure ControlMissing
 */
export async function assertControl(vault: Pick<Vault, 'labels'>, policy: Policy): Promise<void> {
  const labels = await orMissing(policy, 'control', (secret) => vault.labels(secret));
  if (labels.current === undefined) throw missing(policy, 'control');
}

async function orMissing<T>(
  policy: Policy,
  field: 'admin' | 'control',
  ask: (secret: string) => Promise<T>,
): Promise<T> {
  const secret = policy.target[field];
  if (secret === undefined) throw missing(policy, field);
  try {
    return await ask(secret);
  } catch (error) {
    if (!(error instanceof Failure) || error.name !== 'SecretMissing') throw error;
    throw missing(policy, field);
  }
}

function missing(policy: Policy, field: 'admin' | 'control'): Failure {
  const code: FailureCode = field === 'admin' ? 'AdminSecretMissing' : 'ControlMissing';
  const secret = policy.target[field];
  const message =
    secret === undefined
      ? `Policy ${policy.id} has no target.${field}. Nothing was changed. Add it and run: gapless plan`
      : `target.${field} of ${policy.id} names the secret ${secret}, which has no current version. Nothing was changed. Create it with the tag gapless:use=${field} and start again.`;
  return new Failure(code, message, 'none');
}

/** The target's control credential as something to present; it is no version of the identity. */
export function controlOf(call: Call): Held {
  return { versionId: 'control', remoteId: 'control', material: call.authority };
}

/** A version and its material from the vault; undefined when the vault does not hold it. */
export async function held(
  deps: Pick<ConnectorDeps, 'vault' | 'connector'>,
  policy: Policy,
  subject: Subject,
  versionId: string,
): Promise<Held | undefined> {
  const material = await deps.vault.read(policy.secret, versionId);
  return material && understood(deps, policy, subject, { versionId, material });
}

/**
 * The version that carries AWSCURRENT, with its material.
 * @throws Failure SecretMissing
 */
export async function heldCurrent(
  deps: Pick<ConnectorDeps, 'vault' | 'connector'>,
  policy: Policy,
  subject: Subject,
): Promise<Held> {
  return understood(deps, policy, subject, await deps.vault.readCurrent(policy.secret));
}

function understood(
  { connector }: Pick<ConnectorDeps, 'connector'>,
  policy: Policy,
  subject: Subject,
  { versionId, material }: CurrentVersion,
): Held {
  const remoteId = connector.operations.remoteIdOf(subject, material);
  if (remoteId !== undefined) return { versionId, remoteId, material };
  const message = `Version ${versionId} of secret ${policy.secret} does not hold a ${policy.kind} credential of ${policy.id}. Nothing was changed. Compare its fields with the connector's README.`;
  throw new Failure('SecretMissing', message, 'none');
}

/** As `held`, for versions the run cannot go on without. */
export async function mustHold(
  deps: Pick<ConnectorDeps, 'vault' | 'connector'>,
  policy: Policy,
  subject: Subject,
  versionId: string,
): Promise<Held> {
  const found = await held(deps, policy, subject, versionId);
  if (found) return found;
  const message = `Secret ${policy.secret} has no version ${versionId} any more, so it cannot be presented or reinstated. Nothing was changed by this step. Where its refusal is owed, gapless revoke ${policy.id} --reissue contains whatever the target lists and makes a new credential.`;
  throw new Failure('SecretMissing', message, 'none');
}

/** Both versions a run is about, with their material. */
export async function mustHoldPair(
  deps: Pick<ConnectorDeps, 'vault' | 'connector'>,
  policy: Policy,
  subject: Subject,
  run: RunState,
): Promise<{ readonly good: Held; readonly bad: Held }> {
  const pair = pairOf(run);
  const [good, bad] = await Promise.all([
    mustHold(deps, policy, subject, pair?.good ?? ''),
    mustHold(deps, policy, subject, pair?.bad ?? ''),
  ]);
  return { good, bad };
}

/** Both versions a run is about, without their material; what Mint did not note in this run's state is read. */
export async function pairOfVersions(
  deps: Pick<ConnectorDeps, 'vault' | 'connector'>,
  policy: Policy,
  subject: Subject,
  run: RunState,
): Promise<{ readonly good: CredentialVersion; readonly bad: CredentialVersion }> {
  const version = async (versionId = ''): Promise<CredentialVersion> => {
    const remoteId = run.remoteIds?.[versionId];
    return remoteId === undefined ? mustHold(deps, policy, subject, versionId) : { versionId, remoteId };
  };
  const pair = pairOf(run);
  const [good, bad] = await Promise.all([version(pair?.good), version(pair?.bad)]);
  return { good, bad };
}
