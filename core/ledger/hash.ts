import { createHash, hash } from 'node:crypto';

/** Bytes of a SHA-256. */
export const HASH_BYTES = 32;

// One buffer for every node: hashing is synchronous, and a fresh 65-byte buffer per node costs a third of the rate.
const node = Buffer.alloc(1 + 2 * HASH_BYTES);
node[0] = 1;

/** Hash of an inner node, RFC 6962 section 2.1: SHA-256(0x01 || left || right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  node.set(left, 1);
  node.set(right, 1 + HASH_BYTES);
  return hash('sha256', node, 'buffer');
}

/** Root of a tree without leaves, RFC 6962 section 2.1: SHA-256 of nothing. */
export const EMPTY_ROOT: Buffer = createHash('sha256').digest();

/** SHA-256 in hex of a text's UTF-8 bytes, or of bytes. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
