import type { Call, Subject } from '../core/call';
import type { Connector, Derivation } from '../core/connector';
import type { CredentialVersion } from '../core/credential';
import type { Material } from '../core/material';
import type { ProbePath } from '../core/probe';
import type { Mistake } from './mistake';
import type { VerdictCase } from './verdict-cases';

/** A version with its material. */
export interface Held extends CredentialVersion {
  readonly material: Material;
}

/** One identity on the bench's server, with a credential in force that the server accepts. */
export interface Given {
  readonly subject: Subject;
  readonly current: Held;
  readonly admin: Material;
  readonly control: Material;
  /** A live credential at the same target that is not the identity's. */
  readonly foreign: Held;
  /** Whether the server accepts this material, asked without the connector. */
  accepts(material: Material): Promise<'yes' | 'no'>;
  /** Takes a credential away entirely, as somebody at the target's own console would. */
  removeByHand(version: CredentialVersion): Promise<void>;
}

/** How to present a credential so that a verdict case holds; what is left out is as in `Given`. */
export interface Presented {
  readonly subject?: Subject;
  readonly version?: CredentialVersion;
  readonly material?: Material;
  readonly path?: ProbePath;
  readonly call?: Partial<Call>;
}

/** Why a verdict case does not exist for a kind; the list is closed. */
export const absences = {
  unknownState: 'the target knows no such state',
  immediate: 'a change is seen by the next call: there is one place that is read every time',
  uncached: 'nothing between a consumer and the target keeps answers',
  otherProtocol: 'the protocol has no such answer',
} as const;

export interface NotApplicable {
  readonly absent: keyof typeof absences;
}

/** Brings the server into the state of a case, for this identity alone, and says how to present what. */
export type Arrange = (given: Given) => Promise<Presented>;

/** Sessions of a credential, opened the way a consumer would. Only for kinds whose sessions are countable. */
export interface SessionBench {
  open(given: Given, held: Held): Promise<void>;
  /** How many of the sessions opened with this credential still answer. */
  alive(held: Held): Promise<number>;
  /** Authority that may log in and may not see other principals' sessions. */
  blind(given: Given): Promise<Material>;
}

/** Something derived from a credential, such as a token, for kinds whose sessions are bounded. */
export interface DerivedBench {
  /** Derives something from the credential in force; it is accepted. */
  make(given: Given): Promise<void>;
  /** When the credential was last able to derive, and what time it is at the server now. */
  derivation(given: Given): Promise<Derivation>;
  /** Lets it run out, or has it denied, whichever the kind does. */
  end(given: Given): Promise<void>;
}

/** A real server, started, and everything the kit wants to see on it. */
export interface Bench {
  given(): Promise<Given>;
  readonly verdicts: Readonly<Record<VerdictCase, Arrange | NotApplicable>>;
  /** The identity with the foreign credential beside its own, for targets that list one principal's credentials only. */
  readonly amongOthers?: (given: Given) => Promise<Given>;
  /** The identity at an address where nobody answers. */
  unreachable(given: Given): Subject;
  /** Authority that the target knows and that may change nothing. */
  powerless(given: Given): Promise<Material>;
  readonly sessions?: SessionBench;
  readonly derived?: DerivedBench;
  /** Whether the target lets a credential do what its identity is for, asked without the connector. */
  readonly mayAct?: (material: Material) => Promise<'yes' | 'no'>;
  /** The way to the target that leads through its fallback gateway. */
  readonly gatewayPath?: (given: Given) => ProbePath;
  stop(): Promise<void>;
}

/** What `connectors/<kind>/kit/fixture.ts` exports as `fixture`. */
export interface Fixture {
  readonly connector: Connector;
  /** Mistakes this kind invites, beside those every kind does. */
  readonly mistakes?: readonly Mistake[];
  start(): Promise<Bench>;
}
