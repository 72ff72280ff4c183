import type { Capability, Descriptor } from '../connector';
import { complaintsOf } from './complaints';
import type { Policy } from './schema';

/** A policy asking for what cannot be executed, found before anything is deployed. */
export interface DesignGap {
  readonly identityId: string;
  /** The capability or field that is missing; an exception names it. */
  readonly gap: string;
  readonly field: string;
  readonly message: string;
  /** `excepted` while an unexpired exception names the gap. */
  readonly state: 'open' | 'excepted';
}

type Found = Pick<DesignGap, 'gap' | 'field' | 'message'>;

/**
 * Compares one policy with what its connector declares. `today` is an ISO date; exceptions run out on their day.
 * Pure, so `plan`, synth and Enrol agree.
 */
export function designGaps(
  policy: Policy,
  descriptor: Descriptor | undefined,
  today: string,
): readonly DesignGap[] {
  const found = descriptor
    ? [
        ...targetGaps(policy, descriptor),
        ...rotationGaps(policy, descriptor),
        ...proofGaps(policy, descriptor),
      ]
    : [unknownKind(policy)];
  return found.map((gap) => {
    const excepted = policy.exceptions.some(
      (exception) => exception.gap === gap.gap && exception.until >= today,
    );
    return { identityId: policy.id, ...gap, state: excepted ? 'excepted' : 'open' };
  });
}

function unknownKind(policy: Policy): Found {
  return { gap: 'kind', field: 'kind', message: `no connector is called ${JSON.stringify(policy.kind)}` };
}

function targetGaps(policy: Policy, descriptor: Descriptor): readonly Found[] {
  const strategy = descriptor.strategies[policy.rotation?.strategy ?? ''];
  const kind = descriptor.target.safeParse(policy.target);
  const result = kind.success ? strategy?.target?.safeParse(policy.target) : kind;
  if (!result || result.success) return [];
  return complaintsOf(result.error, policy.target).map(({ field, message }) => ({
    gap: 'target',
    field: `target.${field}`,
    message,
  }));
}

function rotationGaps(policy: Policy, descriptor: Descriptor): readonly Found[] {
  const rotation = policy.rotation;
  if (!rotation) return [];
  const strategies = Object.keys(descriptor.strategies);
  const gaps: Found[] = [];
  if (!strategies.includes(rotation.strategy)) {
    const message = `got ${JSON.stringify(rotation.strategy)}, ${descriptor.kind} offers ${strategies.join(', ')}`;
    gaps.push({ gap: 'strategy', field: 'rotation.strategy', message });
  }
  if (!descriptor.capabilities.includes('rotate')) gaps.push(lacking(descriptor, 'rotate', 'rotation'));
  return gaps;
}

function proofGaps(policy: Policy, descriptor: Descriptor): readonly Found[] {
  const gaps: Found[] = [];
  const secrets = [policy.secret, policy.target.admin, policy.target.control].filter(
    (name) => name !== undefined,
  );
  if (new Set(secrets).size !== secrets.length) {
    const message = `got ${secrets.join(', ')}; want a secret of its own for the identity, the admin and the control`;
    gaps.push({ gap: 'secrets', field: 'secret', message });
  }
  if (policy.target.control === undefined) {
    const message =
      'is missing: without a control credential nothing can be proven refused in an emergency (level L2 at most)';
    gaps.push({ gap: 'control', field: 'target.control', message });
  }
  const bySession = policy.consumers.find((consumer) => consumer.observe === 'target-sessions');
  if (bySession && !descriptor.capabilities.includes('observeConsumersBySession')) {
    gaps.push(lacking(descriptor, 'observeConsumersBySession', `consumers.${bySession.id}.observe`));
  }
  if (policy.revocation.fallback === 'gateway' && !descriptor.capabilities.includes('fallbackGateway')) {
    const message = `${descriptor.kind} has no second enforcement point called gateway`;
    gaps.push({ gap: 'fallback', field: 'revocation.fallback', message });
  } else if (policy.revocation.fallback === 'gateway' && policy.target['gateway'] === undefined) {
    const message = 'is missing: revocation.fallback names a gateway that the target does not describe';
    gaps.push({ gap: 'fallback', field: 'target.gateway', message });
  }
  return gaps;
}

function lacking(descriptor: Descriptor, capability: Capability, field: string): Found {
  return {
    gap: capability,
    field,
    message: `${descriptor.kind} does not declare the capability ${capability}`,
  };
}
