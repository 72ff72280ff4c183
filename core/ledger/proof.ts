import { nodeHash } from './hash';

/** Root of the perfect subtree of leaves [index * 2^height, (index + 1) * 2^height). */
export type Nodes = (height: number, index: number) => Promise<Buffer>;

/**
 * Proof that a leaf is in the tree of `size` leaves: the siblings from the leaf up (RFC 6962 section 2.1.1).
 * @throws RangeError when there is no such leaf
 */
export async function inclusionProof(nodes: Nodes, leaf: number, size: number): Promise<readonly Buffer[]> {
  if (leaf < 0 || leaf >= size) throw new RangeError(`a tree of ${size} leaves has no leaf ${leaf}`);
  const path: Buffer[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + split(to - from);
    if (leaf < middle) {
      path.push(await rootOf(nodes, middle, to));
      to = middle;
    } else {
      path.push(await rootOf(nodes, from, middle));
      from = middle;
    }
  }
  return path.toReversed();
}

/**
 * Proof that the tree of `older` leaves is what the tree of `newer` leaves began as (RFC 6962 section 2.1.2). Empty
 * when they are of one size, or the older is empty.
 * @throws RangeError when the older is larger
 */
export async function consistencyProof(
  nodes: Nodes,
  older: number,
  newer: number,
): Promise<readonly Buffer[]> {
  if (older > newer) throw new RangeError(`a tree of ${older} leaves is not older than one of ${newer}`);
  if (older === 0 || older === newer) return [];
  const proof: Buffer[] = [];
  let [from, to] = [0, newer];
  while (older !== to) {
    const middle = from + split(to - from);
    if (older <= middle) {
      proof.push(await rootOf(nodes, middle, to));
      to = middle;
    } else {
      proof.push(await rootOf(nodes, from, middle));
      from = middle;
    }
  }
  // The old tree itself is known to whoever checks; a part of it is not.
  if (from > 0) proof.push(await rootOf(nodes, from, to));
  return proof.toReversed();
}

/** The largest power of two below a number of leaves greater than one. */
function split(leaves: number): number {
  return 2 ** Math.floor(Math.log2(leaves - 1));
}

/** Root over leaves [from, to); `from` is a multiple of the largest power of two in the range. */
async function rootOf(nodes: Nodes, from: number, to: number): Promise<Buffer> {
  const leaves = to - from;
  const height = Math.floor(Math.log2(leaves));
  const width = 2 ** height;
  const left = await nodes(height, from / width);
  return width === leaves ? left : nodeHash(left, await rootOf(nodes, from + width, to));
}
