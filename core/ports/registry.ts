import type { VersionRow } from '../credential';
import type { Approvals, StartRequests } from './approvals';
import type { Level } from '../verdict/level';
import type { Outcome, RunKind } from '../evidence/record';

/** The run that owns an identity. It belongs to the run until that run closes, not until a time. */
export interface Lease {
  readonly runId: string;
  readonly executionArn: string;
  readonly claimedAt: string;
  /** What the run is for: a revocation takes the lease of any other kind away, and yields to none. */
  readonly kind: RunKind;
}

/** Why an identity must not be used or rotated: a revocation contained it. Ended by a reissue alone. */
export interface Revoked {
  readonly runId: string;
  readonly at: string;
}

/** What the registry knows of one identity. It is mutable; evidence is the record. */
export interface IdentityRow {
  readonly id: string;
  readonly kind: string;
  readonly owner: string;
  readonly network: string;
  readonly policyRevision: string;
  readonly policySha256: string;
  readonly versions: readonly VersionRow[];
  /** Rises with every claim; every mutating call carries it. */
  readonly fence: number;
  readonly lease: Lease | undefined;
  /** While in the future (ISO 8601), a worker under `fence` may still be acting at the target. */
  readonly busyUntil: string | undefined;
  readonly busyStage: string | undefined;
  /**
   * Until then (ISO 8601) a worker that the identity was taken away from may still be acting. It outlives the run that
   * took it: whoever comes next has to wait for the same worker.
   */
  readonly actingUntil: string | undefined;
  /** Set from before a revocation contains the first credential. */
  readonly revoked: Revoked | undefined;
  /** The due time the next rotation is for; undefined when the policy asks for no rotation. */
  readonly slot: string | undefined;
  /** When the sweep takes it up: the slot, or later after a failed attempt. */
  readonly dueAt: string | undefined;
  readonly attempt: number;
}

/** The part of a row that enrolment sets. */
export type Enrolment = Pick<
  IdentityRow,
  'id' | 'kind' | 'owner' | 'network' | 'policyRevision' | 'policySha256'
> & {
  readonly slot: string | undefined;
  readonly versions: readonly VersionRow[];
};

/**
 * Something owed: a credential to be seen refused, what is left of one to be removed, or a person's review of a broken
 * glass (its `versionId` is then the run's id). It is paid or stays open; nothing gives it up.
 */
export interface Obligation {
  readonly identityId: string;
  readonly versionId: string;
  readonly remoteId: string;
  readonly type: 'refusal' | 'removal' | 'review';
  /** Who demands it. A rotation's is withdrawn when the version comes into force again; a revocation's never is. */
  readonly by: 'rotation' | 'revocation';
  readonly runId: string;
  readonly openedAt: string;
  readonly deadline: string | undefined;
  readonly nextAttemptAt: string;
  readonly attempts: number;
  readonly why: string;
  /** The run whose proofs first saw a refusal that held since; absent while none did. */
  readonly refusedIn?: string;
}

/** Where an identity stands: what is known of it, and what it owes. */
export interface Standing {
  readonly row: IdentityRow | undefined;
  readonly owed: readonly Obligation[];
}

/** Put before the run's first record: records without a marker cannot exist. */
export interface OpenRun {
  readonly runId: string;
  readonly identityId: string;
  readonly kind: RunKind;
  readonly executionArn: string;
  readonly openedAt: string;
  /** How often Settle took the run over. */
  readonly adoptions: number;
}

export interface RunSummary {
  readonly runId: string;
  readonly kind: RunKind;
  readonly identityId: string;
  readonly owner: string;
  /** Who started it, as RunOpened names them. */
  readonly actor: string;
  /** Labels of controls, as the policy it ran under spells them. */
  readonly controls: readonly string[];
  /** Set where it went on without the second person that its policy asks for. */
  readonly glass: 'broken' | undefined;
  readonly about: string | undefined;
  readonly openedAt: string;
  readonly closedAt: string | undefined;
  readonly outcome: Outcome | 'open';
  readonly level: Level | undefined;
  readonly cause: string | undefined;
  /** Of an emergency that could not write all its records when they were made: whether they are in the table by now. */
  readonly evidence?: 'waiting' | 'arrived';
}

/** Which runs are meant: those that everything given here holds for. */
export interface RunFilter {
  readonly identityId?: string;
  readonly owner?: string;
  /** A label, spelled as the policies spell it. */
  readonly control?: string;
  readonly actor?: string;
  readonly glass?: 'broken';
  readonly outcome?: Outcome | 'open';
  /** Opened then or later, and before; ISO 8601 UTC. */
  readonly since?: string;
  readonly until?: string;
}

/** One page of the runs that are meant. */
export interface RunQuery extends RunFilter {
  /** `openedKey` of the last run of the page before. */
  readonly after?: string;
  readonly limit: number;
}

/** Identities, one by one. */
export interface Identities {
  identity(id: string): Promise<IdentityRow | undefined>;
  /** Sets what is due next, if the slot is still the one given. */
  schedule(
    id: string,
    ended: string | undefined,
    next: Pick<IdentityRow, 'slot' | 'dueAt' | 'attempt'>,
  ): Promise<void>;
}

/** All identities. */
export interface Fleet {
  identities(): Promise<readonly IdentityRow[]>;
}

/** Policies in the registry, and what they make due. */
export interface Enrolments {
  /** The policy revision that was enrolled last; undefined before the first. */
  enrolledRevision(): Promise<string | undefined>;
  setEnrolledRevision(revision: string): Promise<void>;
  /** Creates the row, or updates policy fields of an existing one; lease, fence and known versions are kept. */
  enrol(enrolment: Enrolment): Promise<'created' | 'updated'>;
  /** Identities whose `dueAt` has come, oldest first, by index. */
  due(now: string, limit: number): Promise<readonly IdentityRow[]>;
}

/** Giving an identity back. */
export interface Releases {
  /** Gives the identity back; a lease of another run is left alone. */
  releaseLease(id: string, runId: string): Promise<void>;
}

/** Who owns an identity. */
export interface Leases extends Releases {
  /** Claims the identity for a run and raises the fence. The same run claiming again gets its fence back. */
  claimLease(id: string, lease: Lease): Promise<{ readonly row: IdentityRow; readonly heldBy?: Lease }>;
  /** Hands a dead run's lease to the execution that resolves it, and raises the fence. FenceLost when it is not held by that run. */
  takeOverLease(id: string, runId: string, executionArn: string): Promise<{ readonly fence: number }>;
}

/** Taking an identity away. */
export interface Preemptions extends Releases {
  /**
   * Takes the identity for a revocation, whoever holds it, and raises the fence: what another run is doing fails from
   * here on. Another revocation keeps it. The same run asking again gets the same answer. `notBefore` is the row's
   * `actingUntil`.
   */
  preemptLease(
    id: string,
    lease: Lease,
  ): Promise<{ readonly fence: number; readonly notBefore: string | undefined } | { readonly heldBy: Lease }>;
}

/** Who acts on an identity. */
export interface Claims {
  /**
   * Says that a worker acts at the target until `until`, and answers the row as it is then. StepBusy while another
   * claim runs; FenceLost under another fence.
   */
  claimBusy(
    id: string,
    claim: { readonly fence: number; readonly stage: string; readonly now: string; readonly until: string },
  ): Promise<IdentityRow>;
  /** Ends a claim; one under another fence is left alone. With `versions` as `setVersions`, in the same write. */
  releaseBusy(id: string, fence: number, versions?: readonly VersionRow[]): Promise<void>;
}

/** What is written under a fence. */
export interface Fenced {
  /** Replaces the version rows under the fence. */
  setVersions(id: string, fence: number, versions: readonly VersionRow[]): Promise<void>;
  /** Says under the fence that the identity is revoked, or no more. */
  setRevoked(id: string, fence: number, revoked: Revoked | undefined): Promise<void>;
}

/** What one identity owes, to read. */
export interface Owed {
  obligationsOf(id: string): Promise<readonly Obligation[]>;
}

/** What one identity owes. */
export interface Obligations extends Owed {
  /** Opens an obligation; one that is open already is left as it is, unless a revocation now demands what a rotation did. */
  openObligation(obligation: Obligation): Promise<void>;
  /** An identity's row and what it owes, in one strongly consistent read. */
  standing(id: string): Promise<Standing>;
  /** Counts an attempt that did not pay it, once, and keeps the `refusedIn` that is given with it. */
  postponeObligation(obligation: Obligation, nextAttemptAt: string): Promise<void>;
  /** Ends what this side demanded; what a revocation demands meanwhile stays open. */
  payObligation(obligation: Pick<Obligation, 'identityId' | 'versionId' | 'type' | 'by'>): Promise<void>;
}

/** What all identities owe, by index. */
export interface Debts {
  dueObligations(now: string, limit: number): Promise<readonly Obligation[]>;
  openObligations(limit: number): Promise<readonly Obligation[]>;
}

/** The marker of one run. */
export interface Markers {
  /** Puts the marker; that of a closed run is opened again, so that somebody finishes it. */
  openRun(marker: OpenRun): Promise<void>;
  /** The marker of a run with work left in it. */
  run(runId: string): Promise<OpenRun | undefined>;
  /** Points the marker at the execution that took the run over. */
  adoptRun(marker: OpenRun, executionArn: string): Promise<void>;
  /** Says that no work is left in the run. Its marker stays, unseen here, until Seal has sealed its last record. */
  forgetRun(runId: string): Promise<void>;
}

/** The markers of all runs. */
export interface OpenRuns {
  /** Runs with work left in them, by id. */
  openRuns(): Promise<readonly OpenRun[]>;
}

/** The summary of one run. */
export interface Summaries {
  putSummary(summary: RunSummary): Promise<void>;
  summary(runId: string): Promise<RunSummary | undefined>;
}

/** All runs. */
export interface RunIndex {
  /** Newest first, by index. */
  runs(query: RunQuery): Promise<readonly RunSummary[]>;
}

/** What every function that opens or closes runs calls. */
export interface RunRegistry
  extends Identities, Obligations, Markers, Summaries, Releases, Pick<Fenced, 'setRevoked'> {}

/**
 * The mutable half of the state, whole; a step asks for the parts it calls, so that a function carries no others. Every
 * write that guards an effect is conditional; nothing needs a transaction.
 * Failures: UnknownIdentity, FenceLost, StepBusy (effect none), StoreUnavailable.
 */
export interface Registry
  extends
    Identities,
    Fleet,
    Enrolments,
    Leases,
    Preemptions,
    Claims,
    Fenced,
    Obligations,
    Debts,
    Markers,
    OpenRuns,
    Summaries,
    RunIndex,
    Approvals,
    StartRequests {}
