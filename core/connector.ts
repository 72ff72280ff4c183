import type * as z from 'zod/mini';
import type { Call, Subject } from './call';
import type { CredentialVersion, LiveCredential } from './credential';
import type { Material } from './material';
import type { Probe, ProbePath } from './probe';

/** What an operation did. Failures are thrown and say `effect: 'none' | 'unknown'` (core/failure.ts). */
export interface Change {
  readonly effect: 'applied' | 'alreadySo' | 'notApplicable' | 'deferred';
  readonly requestId?: string;
  /** The target's own clock after the change committed, ISO 8601; sessions up to it hold what was there before. */
  readonly cut?: string;
  /** With `deferred`: what is left and why, in words safe to keep. */
  readonly left?: string;
}

/** A candidate of the chosen style: the value is ours and is made durable before the target changes. */
export interface Minted {
  readonly remoteId: string;
  readonly material: Material;
}

/** A candidate of the issued style: the target made it, and shows its material this once. */
export interface Issued extends Minted {
  /** The target's own id of the request that made it. */
  readonly requestId?: string;
}

/** When a credential could last derive anything, and what time it is; both by the prober's clock, epoch milliseconds. */
export interface Derivation {
  /** The first stable refusal: whatever was derived from the credential was derived before it. */
  readonly refusedAt: number;
  readonly now: number;
  /** In a rotation, the credential in force beside it: what was kept there may show what became of the older one's. */
  readonly beside?: Material;
}

/**
 * What is left of what was derived from a credential (tokens, role sessions), for kinds whose sessions cannot be listed.
 * - `denied`: a call with something derived was refused, by a denial that holds for all of it.
 * - `expired`: the last possible expiry has passed (epoch milliseconds).
 * - `open`: it may still be used, until then where that is known. `alive` counts what was seen accepted.
 */
export type Bound =
  | { readonly state: 'denied'; readonly signal: string }
  | { readonly state: 'expired'; readonly at: number }
  | { readonly state: 'open'; readonly until: number | undefined; readonly alive?: number };

/** Which sessions: by the target's own clock and, where given, the client's declared name. Absent bounds are open. */
export interface SessionScope {
  readonly startedAtOrBefore?: string;
  readonly startedAfter?: string;
  readonly client?: string;
}

export interface SessionCount {
  readonly count: number;
  /** The stable id the sessions were counted by, such as `oid 16402`. */
  readonly countedBy: string;
}

/** How far `revoke` goes: rotation leaves the principal in place, an emergency or offboarding removes it. */
export type Disposition = 'keepPrincipal' | 'removePrincipal';

/**
 * The verbs of a credential kind, as the steps call them. A connector brings those its capabilities and its issue style
 * name, and no other (core/verbs.ts); calling one it did not declare throws. Every verb is idempotent under its
 * token, absent already counts as done, and nothing that is not attributable to the identity is ever touched.
 */
export interface Operations {
  /** What the target calls the credential this material belongs to. Never the secret. Undefined: not of this kind. */
  remoteIdOf(subject: Subject, material: Material): string | undefined;
  /** Checks before anything changes: the principals exist, the authority suffices. Throws `refused` failures. */
  preflight(subject: Subject, current: CredentialVersion | undefined, call: Call): Promise<void>;
  list(subject: Subject, call: Call): Promise<readonly LiveCredential[]>;
  /** Chosen style. Makes a candidate beside `current`. Touches nothing at the target. */
  mint(subject: Subject, current: Material, call: Call): Promise<Minted>;
  /**
   * Chosen style. The target starts to accept this version; for `oneActive` strategies it stops accepting the one
   * before.
   */
  apply(subject: Subject, version: CredentialVersion, material: Material, call: Call): Promise<Change>;
  /**
   * Issued style. The target makes a credential beside `current` and starts to accept it. It is labelled with
   * `call.runId` where the target holds labels, so that `list` can say who made it. Never repeated blindly: a step that
   * finds its own intent first revokes what `list` attributes to it.
   */
  issue(subject: Subject, current: Material, call: Call): Promise<Issued>;
  /** Makes the version unusable, reversibly (`apply` brings it back from the vault's material). */
  suspend(subject: Subject, version: CredentialVersion, call: Call): Promise<Change>;
  /** Removes what is left of the version. A removal that cannot complete is `deferred`, never an error. */
  revoke(subject: Subject, version: CredentialVersion, disposition: Disposition, call: Call): Promise<Change>;
  /** Throws when it cannot see all of them: a count that is too low would be a false proof. */
  countSessions(
    subject: Subject,
    version: CredentialVersion,
    scope: SessionScope,
    call: Call,
  ): Promise<SessionCount>;
  endSessions(
    subject: Subject,
    version: CredentialVersion,
    scope: SessionScope,
    call: Call,
  ): Promise<SessionCount>;
  /** For sessions that cannot be listed: is what was derived from the version denied or expired, else open until when? */
  boundSessions(
    subject: Subject,
    version: CredentialVersion,
    material: Material,
    derivation: Derivation,
    call: Call,
  ): Promise<Bound>;
  /**
   * In an emergency, before any credential is touched: a denial above the identity and out of its reach, so that what is
   * still accepted for a while can do nothing and make nothing new. A later `issue` or `apply` for the identity lifts it.
   */
  isolate(subject: Subject, call: Call): Promise<Change>;
  /**
   * Compensating containment: a second enforcement point, out of the identity's reach, refuses the version while the
   * first cannot be told to. It proves nothing by itself and pays nothing: what is owed at the first stays owed.
   */
  block(subject: Subject, version: CredentialVersion, call: Call): Promise<Change>;
  /** Takes a block back, once the version is refused by the first enforcement point. */
  unblock(subject: Subject, version: CredentialVersion, call: Call): Promise<Change>;
}

/** `oneActive`: a new value replaces the old at once. `twoActive`: both work until the old one is retired. */
export type Overlap = 'oneActive' | 'twoActive';

/** What a kind can do; core/capability.ts says which verbs each one is. */
export type Capability =
  | 'rotate'
  | 'suspend'
  | 'revoke'
  | 'list'
  | 'countSessions'
  | 'endSessions'
  | 'boundSessions'
  | 'observeConsumersBySession'
  | 'isolate'
  | 'fallbackGateway';

/** One way to rotate a kind, and what it asks of `target` beyond the kind's own schema. */
export interface Strategy {
  readonly overlap: Overlap;
  readonly target?: z.ZodMiniType;
}

/** How long a change takes to be seen, and how its refusal is judged. */
export interface Pace {
  /** Longest documented time, in seconds, until a change is seen everywhere. */
  readonly propagationSeconds: number;
  /** A refusal counts after `refusals` in a row over at least `windowSeconds`, probed every `periodMs`. */
  readonly settle: { readonly refusals: number; readonly windowSeconds: number; readonly periodMs: number };
  /** The longest a proving stage may keep probing, in seconds; below the prober's time limit (lambdas/steps/contracts.ts). */
  readonly probeBudgetSeconds: number;
}

/** AWS actions that the functions of a kind need at its targets, beside reading the secrets of the policy. */
export interface AwsRight {
  readonly role: 'mutator' | 'prober';
  /** Such as `iam:UpdateAccessKey`; never with a wildcard. */
  readonly actions: readonly string[];
  /** ARN patterns, with `{partition}` and `{account}` where the deployment fills them in. */
  readonly resources: readonly string[];
  /** IAM condition block. */
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** What the steps go by: which verbs there are, how a refusal is judged, and the kind's part of a policy. */
export interface Traits extends Pace {
  readonly kind: string;
  readonly issueStyle: 'chosen' | 'issued';
  readonly capabilities: readonly Capability[];
  readonly sessions: 'countable' | 'none' | 'bounded';
  /** Live credentials the target allows beside each other, where that is a fixed number (two IAM keys a user). */
  readonly quota?: number;
  /** Where the pace is the target's own, not the kind's: read from the parsed target. */
  readonly paceOf?: (target: unknown) => Pace;
  /** Ways to the target that are always probed beside the direct one and those of the policy, such as other regions. */
  readonly pathsOf?: (target: unknown) => readonly ProbePath[];
  /** Signals of a refusal that show the credential itself is dead; others leave a retired credential unproven. */
  readonly refusalSignals: readonly string[];
  /**
   * Signals of a refusal by the fallback gateway. Behind it they count as a refusal; on the direct path they do not show
   * that the target itself would refuse.
   */
  readonly blockSignals?: readonly string[];
  /** The kind's own part of `target` in a policy. */
  readonly target: z.ZodMiniType;
}

/** Plain data about a kind, safe to import at synth: its traits, and what documents, plan and deployment go by. */
export interface Descriptor extends Traits {
  readonly title: string;
  readonly maturity: 'experimental' | 'stable';
  readonly strategies: Readonly<Record<string, Strategy>>;
  /** What lives on that was made from the credential, and what ends it, in one sentence. */
  readonly derived: string;
  /** What the kit runs it against. A double knows the recorded shapes only, and the support matrix says so. */
  readonly testedAgainst: { readonly nature: 'real server' | 'contract double'; readonly what: string };
  /** Rights each operation needs at the target and in AWS, for docs and plan. */
  readonly rights: Readonly<Record<string, readonly string[]>>;
  /** What the functions of this kind are granted in AWS beyond every kind's own rights. */
  readonly aws?: readonly AwsRight[];
}

/** The verbs that a mutator has: what changes a target, and what has to be looked at for that. */
export type MutatorVerb = Exclude<keyof Operations, 'boundSessions'>;

/** The verbs that a prober has. None of them changes anything at a target. */
export type ProberVerb = 'remoteIdOf' | 'list' | 'countSessions' | 'boundSessions';

/** The half of a kind that changes targets: all that its mutator's code holds of it. Made by `mutatorOf` (core/halves.ts). */
export interface Mutator {
  readonly descriptor: Traits;
  readonly operations: Pick<Operations, MutatorVerb>;
  /** There for kinds whose new value may replace the old one: an old value that works is not put back again. */
  readonly probe?: Pick<Probe, 'observe'>;
}

/** The half of a kind that proves: all that its prober's code holds of it. Made by `proberOf` (core/halves.ts). */
export interface Prober {
  readonly descriptor: Traits;
  readonly operations: Pick<Operations, ProberVerb>;
  readonly probe: Probe;
}

/** A credential kind whole: plain data, its verbs, and the probe that proves them. Made by `connectorOf` (core/capability.ts). */
export interface Connector extends Mutator, Prober {
  readonly descriptor: Descriptor;
  readonly operations: Operations;
  readonly probe: Probe;
}
