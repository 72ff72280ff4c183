import type { Capability, Connector, Descriptor } from './connector';
import { mutatorOf, proberOf } from './halves';
import type { Probe } from './probe';
import { always, declaredVerbs, verbs, type VerbsOf } from './verbs';

/** Every capability, in the order of the support matrix. */
export const capabilities: readonly Capability[] = Object.keys(verbs).filter((name) => isCapability(name));

function isCapability(name: string): name is Capability {
  return Object.hasOwn(verbs, name);
}

/**
 * Where what a kind declares and what it implements contradict each other, one sentence each; empty when they agree.
 */
export function contradictions(descriptor: Descriptor, operations: object): readonly string[] {
  const { kind } = descriptor;
  const declared: readonly string[] = declaredVerbs(descriptor);
  const implemented = Object.entries(operations).flatMap(([name, method]) =>
    typeof method === 'function' ? [name] : [],
  );
  const missing = declared
    .filter((verb) => !implemented.includes(verb))
    .map(
      (verb) =>
        `${kind} declares ${because(descriptor, verb)} and has no method ${verb}: add the method or take that back`,
    );
  const extra = implemented
    .filter((verb) => !declared.includes(verb))
    .map(
      (verb) =>
        `${kind} has a method ${verb} that nothing it declares asks for: declare it or take the method away`,
    );
  return [...missing, ...extra, ...unsound(descriptor)];
}

function because(descriptor: Descriptor, verb: string): string {
  const capability = descriptor.capabilities.find((name) =>
    verbs[name].some((each: string) => each === verb),
  );
  if (capability !== undefined) return `the capability ${capability}`;
  return always.some((each) => each === verb)
    ? 'itself a connector'
    : `rotate with the style ${descriptor.issueStyle}`;
}

/** Flags that are no method's but still promise something. */
function unsound({
  kind,
  sessions,
  capabilities: has,
  issueStyle,
  strategies,
}: Descriptor): readonly string[] {
  const wanted: Readonly<Record<Descriptor['sessions'], readonly Capability[]>> = {
    none: [],
    countable: ['countSessions', 'endSessions'],
    bounded: ['boundSessions'],
  };
  const found = wanted[sessions]
    .filter((capability) => !has.includes(capability))
    .map(
      (capability) =>
        `${kind} says its sessions are ${sessions} and lacks the capability ${capability}: declare it, or say which sessions it has`,
    );
  if (issueStyle === 'chosen' || !has.includes('rotate')) return found;
  const orphans =
    has.includes('list') && has.includes('revoke')
      ? []
      : [
          `${kind} is of the style issued and lacks list or revoke: after a crash nobody could find and revoke what was issued`,
        ];
  const shared = Object.entries(strategies)
    .filter(([, { overlap }]) => overlap === 'oneActive')
    .map(
      ([name]) =>
        `${kind} is of the style issued and offers the strategy ${name} with one active value: the old value could never be put back`,
    );
  return [...found, ...orphans, ...shared];
}

/**
 * Puts a connector together out of all of its verbs. A flag without its method, or a method without its flag, does not
 * compile, and here it throws; a verb that was not declared is there and fails with a sentence.
 * @throws Error listing every contradiction
 */
export function connectorOf<const D extends Descriptor>(parts: {
  readonly descriptor: D;
  readonly operations: VerbsOf<D>;
  readonly probe: Probe;
}): Connector {
  const { descriptor, operations, probe } = parts;
  const found = contradictions(descriptor, operations);
  if (found.length > 0) throw new Error(`connectors/${descriptor.kind}: ${found.join('; ')}.`);
  return {
    descriptor,
    operations: { ...mutatorOf(parts).operations, ...proberOf(parts).operations, ...operations },
    probe,
  };
}
