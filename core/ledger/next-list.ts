import { NO_CHECKPOINT } from './checkpoint';
import type { Leaf, LeafList } from './leaf-list';

/** At most this many leaves under one checkpoint more than under the one before. */
export const LEAVES_AT_ONCE = 4_096;

/** The ledger as its last checkpoint left it. */
export interface LedgerHead {
  readonly origin: string;
  readonly size: number;
  /** Of the last checkpoint; 64 zeros before the first. */
  readonly checkpointHash: string;
  readonly runsOpen: number;
  readonly runsClosed: number;
}

/** A ledger without records. */
export function emptyLedger(origin: string): LedgerHead {
  return { origin, size: 0, checkpointHash: NO_CHECKPOINT, runsOpen: 0, runsClosed: 0 };
}

/** The list of the leaves that come next. `time` is ISO 8601 UTC. */
export function nextList(head: LedgerHead, leaves: readonly Leaf[], time: string): LeafList {
  const { opened, closed } = census(leaves);
  return {
    origin: head.origin,
    from: head.size,
    prevCheckpointHash: head.checkpointHash,
    runsOpen: head.runsOpen + opened - closed,
    runsClosed: head.runsClosed + closed,
    time,
    leaves,
  };
}

/** How many runs begin and end among leaves. */
export function census(leaves: readonly Leaf[]): { readonly opened: number; readonly closed: number } {
  const opened = leaves.filter(({ chain, seq }) => chain === 'RUN' && seq === 0).length;
  const closed = leaves.filter(({ part }) => part === 'closes').length;
  return { opened, closed };
}
