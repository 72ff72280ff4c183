import { createHash } from 'node:crypto';
import { tileBytes, tileKey, placeOf } from '../../core/ledger/tile';
import { Tree } from '../../core/ledger/tree';

// RFC 6962 section 2.1 as its text defines it, recursion and all: slow, and shares nothing with the product.

function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** MTH of section 2.1 over leaf hashes. */
export function merkleRoot(leaves: readonly Buffer[]): Buffer {
  const [only, ...others] = leaves;
  if (only === undefined) return sha256();
  if (others.length === 0) return only;
  const k = splitOf(leaves.length);
  return sha256(Buffer.of(1), merkleRoot(leaves.slice(0, k)), merkleRoot(leaves.slice(k)));
}

/** PATH of section 2.1.1. */
export function merklePath(m: number, leaves: readonly Buffer[]): readonly Buffer[] {
  if (leaves.length <= 1) return [];
  const k = splitOf(leaves.length);
  return m < k
    ? [...merklePath(m, leaves.slice(0, k)), merkleRoot(leaves.slice(k))]
    : [...merklePath(m - k, leaves.slice(k)), merkleRoot(leaves.slice(0, k))];
}

/** PROOF of section 2.1.2. */
export function merkleConsistency(m: number, leaves: readonly Buffer[]): readonly Buffer[] {
  return subProof(m, leaves, 'known');
}

function subProof(m: number, leaves: readonly Buffer[], old: 'known' | 'part'): readonly Buffer[] {
  if (m === leaves.length) return old === 'known' ? [] : [merkleRoot(leaves)];
  const k = splitOf(leaves.length);
  return m <= k
    ? [...subProof(m, leaves.slice(0, k), old), merkleRoot(leaves.slice(k))]
    : [...subProof(m - k, leaves.slice(k), 'part'), merkleRoot(leaves.slice(0, k))];
}

function splitOf(leaves: number): number {
  let k = 1;
  while (k * 2 < leaves) k *= 2;
  return k;
}

/** Leaf hashes of made-up bodies. */
export function leavesOf(count: number): readonly Buffer[] {
  return Array.from({ length: count }, (_, n) => sha256(Buffer.of(0), Buffer.from(`leaf ${n}`)));
}

/** A tree over leaves, and its tiles by name. */
export function tiled(leaves: readonly Buffer[]): { tree: Tree; tiles: ReadonlyMap<string, Buffer> } {
  const tree = new Tree();
  for (const leaf of leaves) tree.append(leaf.toString('hex'));
  const tiles = [...tree.takeFull(), ...tree.partial()];
  return { tree, tiles: new Map(tiles.map((tile) => [tileKey(placeOf(tile)), tileBytes(tile)])) };
}
