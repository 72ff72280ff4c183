import type { Head } from '../evidence/chain';
import type { Chain } from '../evidence/record';
import type { OpenRun } from './registry';

/** A run's marker, whether or not there is work left in the run. Only Seal removes it. */
export type Marker = OpenRun & { readonly state: 'open' | 'closed' };

/** Neighbouring leaves that are neighbouring records of one chain. */
export interface LeafRange {
  readonly chain: Chain;
  /** The first record, its leaf, and how many there are. */
  readonly seq: number;
  readonly leaf: number;
  readonly count: number;
}

/** How far a run is sealed, and under which leaves. It finds; what it says is proven by the leaves alone. */
export interface SealedRun {
  readonly runId: string;
  /** What the next record of each chain to be sealed links to. */
  readonly run: Head;
  readonly proof: Head;
  /** Whether the run's terminal record is sealed. */
  readonly closed: 'yes' | 'no';
  readonly ranges: readonly LeafRange[];
}

/** What a sealer says when it starts. Times are ISO 8601 UTC. */
export interface SealerClaim {
  readonly holder: string;
  readonly now: string;
  readonly until: string;
}

/**
 * The registry as Seal uses it. Everything here can be worked out again from the sealed objects; losing it costs time,
 * not evidence. Failures: StoreUnavailable, FenceLost.
 */
export interface LedgerIndex {
  /** One sealer at a time. `size`: leaves of the last checkpoint whose runs are all indexed. */
  claimSealer(
    claim: SealerClaim,
  ): Promise<{ readonly fence: number; readonly size: number } | { readonly heldUntil: string }>;
  releaseSealer(holder: string): Promise<void>;
  /** @throws Failure FenceLost when another sealer has taken over, or moved the size on (nothing was changed) */
  advance(step: { readonly fence: number; readonly from: number; readonly to: number }): Promise<void>;

  /** Every marker, closed ones too, by run id. */
  markers(): Promise<readonly Marker[]>;
  /** Removes the marker of a closed run; one that was opened again meanwhile stays. */
  dropMarker(runId: string): Promise<void>;
  /** Says that a closed run has work left after all. */
  reopenRun(runId: string): Promise<void>;

  /** What is known of these runs, in no order; runs without a sealed record are left out. */
  sealedRuns(runIds: readonly string[]): Promise<readonly SealedRun[]>;
  /** Replaces `before` by `after`; `moved on` when another sealer did so first (nothing was changed). */
  putSealedRun(before: SealedRun | undefined, after: SealedRun): Promise<'written' | 'moved on'>;
}
