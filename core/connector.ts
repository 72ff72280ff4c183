import type * as z from 'zod/mini';
import type { Call, Subject } from './call';
import type { CredentialVersion, LiveCredential } from './credential';
import type { Material } from './material';
import type { Probe } from './probe';

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
 * The verbs of a credential kind. A capability is a method; descriptor flags and methods are checked against each
 * other. Every operation is idempotent under its token, and absent already counts as done.
 */
export interface Operations {
  /** What the target calls the credential this material belongs to. Never the secret. Undefined: not of this kind. */
  remoteIdOf(subject: Subject, material: Material): string | undefined;
  /** Checks before anything changes: the principals exist, the authority suffices. Throws `refused` failures. */
  preflight(subject: Subject, current: CredentialVersion | undefined, call: Call): Promise<void>;
  list(subject: Subject, call: Call): Promise<readonly LiveCredential[]>;
  /** Makes a candidate beside `current` (chosen style). Touches nothing at the target. */
  mint(subject: Subject, current: Material, call: Call): Promise<Minted>;
  /** The target starts to accept this version; for `oneActive` strategies it stops accepting the one before. */
  apply(subject: Subject, version: CredentialVersion, material: Material, call: Call): Promise<Change>;
  /** Makes the version unusable, reversibly (`apply` brings it back from the vault's material). */
  suspend(subject: Subject, version: CredentialVersion, call: Call): Promise<Change>;
  /** Removes what is left of the version. A removal that cannot complete is `deferred`, never an error. */
  revoke(subject: Subject, version: CredentialVersion, disposition: Disposition, call: Call): Promise<Change>;
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
}

/** `oneActive`: a new value replaces the old at once. `twoActive`: both work until the old one is retired. */
export type Overlap = 'oneActive' | 'twoActive';

export type Capability =
  'rotate' | 'suspend' | 'revoke' | 'list' | 'countSessions' | 'endSessions' | 'observeConsumersBySession';

/** One way to rotate a kind, and what it asks of `target` beyond the kind's own schema. */
export interface Strategy {
  readonly overlap: Overlap;
  readonly target?: z.ZodMiniType;
}

/** Plain data about a kind, safe to import at synth. */
export interface Descriptor {
  readonly kind: string;
  readonly title: string;
  readonly maturity: 'experimental' | 'stable';
  readonly issueStyle: 'chosen' | 'issued';
  readonly capabilities: readonly Capability[];
  readonly strategies: Readonly<Record<string, Strategy>>;
  readonly sessions: 'countable' | 'none' | 'bounded';
  /** Longest documented time, in seconds, until a change is seen everywhere. */
  readonly propagationSeconds: number;
  /** A refusal counts after `refusals` in a row over at least `windowSeconds`, probed every `periodMs`. */
  readonly settle: { readonly refusals: number; readonly windowSeconds: number; readonly periodMs: number };
  /** The longest a proving stage may keep probing, in seconds. */
  readonly probeBudgetSeconds: number;
  /** Signals of a refusal that show the credential itself is dead; others leave a retired credential unproven. */
  readonly refusalSignals: readonly string[];
  /** Rights each operation needs at the target and in AWS, for docs, plan and synth. */
  readonly rights: Readonly<Record<string, readonly string[]>>;
  /** The kind's own part of `target` in a policy. */
  readonly target: z.ZodMiniType;
}

/** A credential kind: plain data, its verbs, and the probe that proves them. */
export interface Connector {
  readonly descriptor: Descriptor;
  readonly operations: Operations;
  readonly probe: Probe;
}
