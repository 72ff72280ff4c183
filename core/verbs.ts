import type { Capability, MutatorVerb, Operations, ProberVerb, Traits } from './connector';
import type { Probe } from './probe';

export type Verb = keyof Operations;

/** The verbs every kind has. */
export const always = ['remoteIdOf', 'preflight'] as const satisfies readonly Verb[];

/** The verbs that make a candidate, by issue style; they come with the capability `rotate`. */
const makes = { chosen: ['mint', 'apply'], issued: ['issue'] } as const satisfies Record<
  Traits['issueStyle'],
  readonly Verb[]
>;

/** Which verbs each capability is. */
export const verbs = {
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

/** The verbs that traits ask for, as the compiler sees them; needs their literal types (`as const satisfies Traits`). */
type Declared<T extends Traits> =
  | (typeof always)[number]
  | (typeof verbs)[T['capabilities'][number]][number]
  | ('rotate' extends T['capabilities'][number] ? (typeof makes)[T['issueStyle']][number] : never);

/** Exactly the declared verbs, of all or of those of one half: one that is missing or too many is a type error. */
export type VerbsOf<T extends Traits, Half extends Verb = Verb> = Pick<Operations, Declared<T> & Half> & {
  readonly [V in Exclude<Half, Declared<T>>]?: never;
};

/** What a kind's `mutator.ts` exports. `probe` is for kinds whose new value may replace the old one. */
export interface MutatorHalf<T extends Traits> {
  readonly descriptor: T;
  readonly operations: VerbsOf<T, MutatorVerb>;
  readonly probe?: Pick<Probe, 'observe'>;
}

/** What a kind's `prober.ts` exports. */
export interface ProberHalf<T extends Traits> {
  readonly descriptor: T;
  readonly operations: VerbsOf<T, ProberVerb>;
  readonly probe: Probe;
}

/** The names of the verbs that traits declare. */
export function declaredVerbs(traits: Pick<Traits, 'capabilities' | 'issueStyle'>): readonly Verb[] {
  const ofCapabilities = traits.capabilities.flatMap((name): readonly Verb[] => verbs[name]);
  const making = traits.capabilities.includes('rotate') ? makes[traits.issueStyle] : [];
  return [...new Set([...always, ...making, ...ofCapabilities])];
}
