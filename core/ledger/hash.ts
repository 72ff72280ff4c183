import { hash } from 'node:crypto';

/** Bytes of a SHA-256. */
export const HASH_BYTES = 32;

// One buffer for every node: hashing is synchronous. Node 20 gives a digest as a string twice as fast as a Buffer.
const node = Buffer.alloc(1 + 2 * HASH_BYTES);
node[0] = 1;

/** Hash of an inner node, RFC 6962 section 2.1: SHA-256(0x01 || left || right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  node.set(left, 1);
  node.set(right, 1 + HASH_BYTES);
  return Buffer.from(hash('sha256', node, 'binary'), 'binary');
}

/** The same in hex, as records and lists hold hashes. */
export function nodeHashOfHex(left: string, right: string): string {
  node.write(left, 1, 'hex');
  node.write(right, 1 + HASH_BYTES, 'hex');
  return hash('sha256', node, 'hex');
}

/** Root of a tree without leaves in hex, RFC 6962 section 2.1: SHA-256 of nothing. */
export const EMPTY_ROOT: string = sha256('');

/** SHA-256 in hex of a text's UTF-8 bytes, or of bytes. */
export function sha256(content: string | Uint8Array): string {
  return hash('sha256', content, 'hex');
}
