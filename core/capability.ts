import type { Capability, Connector, Descriptor, Operations } from './connector';
import { Failure } from './failure';
import type { Probe } from './probe';

type Verb = keyof Operations;

/** The verbs every kind has. */
const always = ['remoteIdOf', 'preflight'] as const satisfies readonly Verb[];

/** The verbs that make a candidate, by issue style; they come with the capability `rotate`. */
const makes = { chosen: ['mint', 'apply'], issued: ['issue'] } as const satisfies Record<
  Descriptor['issueStyle'],
  readonly Verb[]
>;

/** Which verbs each capability is. */
const verbs = {
  rotate: [],
  suspend: ['suspend'],
  revoke: ['revoke'],
  list: ['list'],
  countSessions: ['countSessions'],
  endSessions: ['endSessions'],
  boundSessions: ['boundSessions'],
  observeConsumersBySession: ['countSessions'],
  isolate: ['isolate'],
  fallbackGateway: ['block', 'unblock'],
} as const satisfies Record<Capability, readonly Verb[]>;

/** Every capability, in the order of the support matrix. */
export const capabilities: readonly Capability[] = Object.keys(verbs).filter((name) => isCapability(name));

function isCapability(name: string): name is Capability {
  return Object.hasOwn(verbs, name);
}

/** The verbs a descriptor asks for, as the compiler sees them; needs its literal types (`as const satisfies Descriptor`). */
type Declared<D extends Descriptor> =
  | (typeof always)[number]
  | (typeof verbs)[D['capabilities'][number]][number]
  | ('rotate' extends D['capabilities'][number] ? (typeof makes)[D['issueStyle']][number] : never);

/** Exactly the declared verbs: one that is missing and one that is too many are both type errors. */
export type VerbsOf<D extends Descriptor> = Pick<Operations, Declared<D>> & {
  readonly [V in Exclude<Verb, Declared<D>>]?: never;
};

/** The names of the verbs a descriptor declares. */
export function declaredVerbs(descriptor: Pick<Descriptor, 'capabilities' | 'issueStyle'>): readonly Verb[] {
  const ofCapabilities = descriptor.capabilities.flatMap((name): readonly Verb[] => verbs[name]);
  const making = descriptor.capabilities.includes('rotate') ? makes[descriptor.issueStyle] : [];
  return [...new Set([...always, ...making, ...ofCapabilities])];
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
 * Puts a connector together. A flag without its method, or a method without its flag, does not compile, and at load it
 * throws; a verb that was not declared is there and fails with a sentence.
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
  return { descriptor, operations: { ...undeclared(descriptor.kind), ...operations }, probe };
}

function undeclared(kind: string): Operations {
  const fail = (verb: Verb) => (): never => {
    throw new Failure(
      'Internal',
      `${kind} does not declare ${verb}, so no step may call it. Nothing was changed`,
      'none',
    );
  };
  return {
    remoteIdOf: fail('remoteIdOf'),
    preflight: fail('preflight'),
    list: fail('list'),
    mint: fail('mint'),
    apply: fail('apply'),
    issue: fail('issue'),
    suspend: fail('suspend'),
    revoke: fail('revoke'),
    countSessions: fail('countSessions'),
    endSessions: fail('endSessions'),
    boundSessions: fail('boundSessions'),
    isolate: fail('isolate'),
    block: fail('block'),
    unblock: fail('unblock'),
  };
}
