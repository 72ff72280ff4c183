import { hash, randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { Tree } from '../../core/ledger/tree';

const leaves = Array.from({ length: 50_000 }, () => randomBytes(32).toString('hex'));

/** Node hashes a second of a tree that leaves are appended to, root included. */
export function treeNodesPerSecond(): number {
  const started = performance.now();
  const tree = new Tree();
  for (const leaf of leaves) tree.append(leaf);
  tree.root();
  return (leaves.length - 1) / ((performance.now() - started) / 1_000);
}

/** SHA-256 of 65-byte inputs a second, digests as bytes: the fastest form this runtime has. */
export function rawHashesPerSecond(): number {
  const input = randomBytes(65);
  const started = performance.now();
  for (let n = 0; n < leaves.length - 1; n += 1) Buffer.from(hash('sha256', input, 'binary'), 'binary');
  return (leaves.length - 1) / ((performance.now() - started) / 1_000);
}
