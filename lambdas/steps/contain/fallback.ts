import type { Call, Subject } from '../../../core/call';
import type { Change } from '../../../core/connector';
import type { CredentialVersion } from '../../../core/credential';
import { Failure } from '../../../core/failure';
import { categoryOf } from '../../../core/failure-category';
import type { Policy } from '../../../core/policy/schema';
import type { MutatorDeps } from '../deps';
import type { Known } from './known';

/**
 * Suspends a version. Where its target cannot be told to and the policy names a gateway, that one refuses it meanwhile;
 * the answer is `deferred` then, because nothing of what is owed at the target is paid by it. Only what our own notes say
 * is the identity's is blocked unseen: a secret may name somebody else's key.
 * @throws Failure of the target when there is no gateway, or it cannot be told either
 */
export async function suspendOrBlock(
  deps: Pick<MutatorDeps, 'connector'>,
  policy: Policy,
  subject: Subject,
  version: Known,
  call: Call,
): Promise<Change> {
  const { operations } = deps.connector;
  try {
    return await operations.suspend(subject, version, call);
  } catch (error) {
    const away =
      error instanceof Failure &&
      (categoryOf(error.name) === 'transient' || error.name === 'AdminRightsMissing');
    if (!away || version.noted === 'no' || !hasGateway(deps, policy)) throw error;
    return block(deps, subject, version, call, error);
  }
}

async function block(
  deps: Pick<MutatorDeps, 'connector'>,
  subject: Subject,
  version: CredentialVersion,
  call: Call,
  because: Failure,
): Promise<Change> {
  try {
    await deps.connector.operations.block(subject, version, call);
  } catch (error) {
    if (error instanceof Failure) throw because;
    throw error;
  }
  const left = `the gateway blocks it; the target itself could not be told: ${because.message}`;
  return { effect: 'deferred', left: left.slice(0, 500) };
}

/** Whether the policy names a second enforcement point that its kind can use. */
export function hasGateway(deps: Pick<MutatorDeps, 'connector'>, policy: Policy): 'yes' | undefined {
  const able = deps.connector.descriptor.capabilities.includes('fallbackGateway');
  return able && policy.revocation.fallback === 'gateway' ? 'yes' : undefined;
}
