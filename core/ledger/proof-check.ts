import { EMPTY_ROOT, nodeHash } from './hash';

/** A tree as a checkpoint names it. */
export interface TreeHead {
  readonly size: number;
  readonly root: Buffer;
}

export type Proven = 'proven' | 'not proven';

/** Checks an inclusion proof (RFC 9162 section 2.1.3.2). `leaf` is the leaf's hash, `index` its number from 0. */
export function checkInclusion(
  leaf: Buffer,
  index: number,
  path: readonly Buffer[],
  { size, root }: TreeHead,
): Proven {
  if (index < 0 || index >= size) return 'not proven';
  let [fn, sn] = [index, size - 1];
  let hash = leaf;
  for (const sibling of path) {
    if (sn === 0) return 'not proven';
    if (odd(fn) || fn === sn) {
      hash = nodeHash(sibling, hash);
      if (!odd(fn)) [fn, sn] = lowered(fn, sn);
    } else {
      hash = nodeHash(hash, sibling);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && hash.equals(root) ? 'proven' : 'not proven';
}

/** Checks that `newer` extends `older` (RFC 9162 section 2.1.4.2). */
export function checkConsistency(older: TreeHead, newer: TreeHead, proof: readonly Buffer[]): Proven {
  if (older.size > newer.size) return 'not proven';
  if (older.size === newer.size) {
    return proof.length === 0 && older.root.equals(newer.root) ? 'proven' : 'not proven';
  }
  if (older.size === 0) {
    return proof.length === 0 && older.root.toString('hex') === EMPTY_ROOT ? 'proven' : 'not proven';
  }
  const whole = Number.isInteger(Math.log2(older.size)) ? [older.root] : [];
  const [first, ...rest] = [...whole, ...proof];
  if (first === undefined) return 'not proven';
  let [fn, sn] = [older.size - 1, newer.size - 1];
  while (odd(fn)) [fn, sn] = [half(fn), half(sn)];
  let [was, is] = [first, first];
  for (const sibling of rest) {
    if (sn === 0) return 'not proven';
    if (odd(fn) || fn === sn) {
      [was, is] = [nodeHash(sibling, was), nodeHash(sibling, is)];
      if (!odd(fn)) [fn, sn] = lowered(fn, sn);
    } else {
      is = nodeHash(is, sibling);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && was.equals(older.root) && is.equals(newer.root) ? 'proven' : 'not proven';
}

/** Climbs past the levels on which the node is a left child without a right one. */
function lowered(fn: number, sn: number): [number, number] {
  let [a, b] = [fn, sn];
  while (a !== 0 && !odd(a)) [a, b] = [half(a), half(b)];
  return [a, b];
}

// Sizes go past 2^31, where JavaScript's shifts end.
function odd(n: number): boolean {
  return n % 2 === 1;
}

function half(n: number): number {
  return Math.floor(n / 2);
}
