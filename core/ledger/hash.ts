import { hash } from 'node:crypto';

/** Bytes of a SHA-256. */
export const HASH_BYTES = 32;

/** Where the hashes of an inner node's two sides begin in its bytes. */
export const LEFT = 1;
export const RIGHT = LEFT + HASH_BYTES;

/** The bytes an inner node is the hash of, RFC 6962 section 2.1: 0x01, then its left and its right side. */
export function emptyNode(): Buffer {
  const node = Buffer.alloc(RIGHT + HASH_BYTES);
  node[0] = 1;
  return node;
}

/** SHA-256 of a node's bytes, one character for each byte: Node 20 gives a digest so twice as fast as in a Buffer. */
export function digestOf(node: Buffer): string {
  return hash('sha256', node, 'binary');
}

// One for every call: hashing is synchronous.
const node = emptyNode();

/** Hash of an inner node, RFC 6962 section 2.1: SHA-256(0x01 || left || right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  node.set(left, LEFT);
  node.set(right, RIGHT);
  return Buffer.from(digestOf(node), 'latin1');
}

/** Root of a tree without leaves in hex, RFC 6962 section 2.1: SHA-256 of nothing. */
export const EMPTY_ROOT: string = sha256('');

/** SHA-256 in hex of a text's UTF-8 bytes, or of bytes. */
export function sha256(content: string | Uint8Array): string {
  return hash('sha256', content, 'hex');
}
