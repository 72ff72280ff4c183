import { GENESIS, type Head } from '../evidence/chain';
import type { LeafRange, SealedRun } from '../ports/ledger-index';
import type { Leaf, LeafList } from './leaf-list';

/** A run of which nothing is sealed. */
export function unsealedRun(runId: string): SealedRun {
  return { runId, run: GENESIS, proof: GENESIS, closed: 'no', ranges: [] };
}

/** The leaves of a list with their numbers, by run. */
export function leavesByRun(list: LeafList): ReadonlyMap<string, readonly (readonly [number, Leaf])[]> {
  const runs = new Map<string, (readonly [number, Leaf])[]>();
  for (const [at, leaf] of list.leaves.entries()) {
    const entry = [list.from + at, leaf] as const;
    const there = runs.get(leaf.runId);
    if (there) there.push(entry);
    else runs.set(leaf.runId, [entry]);
  }
  return runs;
}

/** A run after more of its leaves; the very same when it has them all, so that a replay writes nothing. */
export function withLeaves(before: SealedRun, leaves: readonly (readonly [number, Leaf])[]): SealedRun {
  return leaves.reduce((sealed, [number, leaf]) => withLeaf(sealed, number, leaf), before);
}

function withLeaf(sealed: SealedRun, number: number, leaf: Leaf): SealedRun {
  const name = leaf.chain === 'RUN' ? 'run' : 'proof';
  if (leaf.seq < sealed[name].seq) return sealed;
  const head: Head = { seq: leaf.seq + 1, prev: leaf.hash };
  return {
    ...sealed,
    [name]: head,
    closed: leaf.part === 'closes' ? 'yes' : sealed.closed,
    ranges: extended(sealed.ranges, number, leaf),
  };
}

function extended(ranges: readonly LeafRange[], number: number, leaf: Leaf): readonly LeafRange[] {
  const last = ranges.at(-1);
  if (last && last.chain === leaf.chain && last.leaf + last.count === number) {
    return [...ranges.slice(0, -1), { ...last, count: last.count + 1 }];
  }
  return [...ranges, { chain: leaf.chain, seq: leaf.seq, leaf: number, count: 1 }];
}
