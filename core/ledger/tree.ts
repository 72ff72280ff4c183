import { EMPTY_ROOT, nodeHash } from './hash';
import { TILE_HEIGHT, TILE_WIDTH, type Tile } from './tile';

/** The root of a perfect subtree of 2^height leaves. */
interface Subtree {
  readonly height: number;
  readonly hash: Buffer;
}

/**
 * An append-only Merkle tree of RFC 6962 section 2.1, reduced to its right edge: memory is O(log size), a leaf costs
 * one node hash on average, a root at most log2(size) more. Full tiles are handed out as they fill.
 */
export class Tree {
  readonly #stack: Subtree[] = [];
  readonly #edges: Buffer[][] = [];
  readonly #full: Tile[] = [];
  #size = 0;

  /** Rebuilds a tree from its partial tiles, `edges[level]` being the hashes of the last tile of that level. */
  static resume(size: number, edges: readonly (readonly Buffer[])[]): Tree {
    const tree = new Tree();
    tree.#size = size;
    for (let level = edges.length - 1; level >= 0; level -= 1) {
      for (const hash of edges[level] ?? [])
        tree.#climb({ height: level * TILE_HEIGHT, hash }, () => undefined);
      tree.#edges[level] = [...(edges[level] ?? [])];
    }
    return tree;
  }

  /** Leaves so far. */
  get size(): number {
    return this.#size;
  }

  /** Appends a leaf hash: SHA-256(0x00 || body), 32 bytes. */
  append(leaf: Buffer): void {
    this.#size += 1;
    this.#place(0, leaf);
    this.#climb({ height: 0, hash: leaf }, (subtree) => {
      if (subtree.height % TILE_HEIGHT === 0) this.#place(subtree.height / TILE_HEIGHT, subtree.hash);
    });
  }

  /** Root over the leaves so far. */
  root(): Buffer {
    return (
      this.#stack.reduceRight<Buffer | undefined>(
        (right, { hash }) => (right === undefined ? hash : nodeHash(hash, right)),
        undefined,
      ) ?? EMPTY_ROOT
    );
  }

  /** Full tiles since the last call, in the order in which they filled. */
  takeFull(): readonly Tile[] {
    return this.#full.splice(0);
  }

  /** The partial tiles of this size: with the full ones they are the whole tree. */
  partial(): readonly Tile[] {
    return this.#edges.flatMap((hashes, level) =>
      hashes.length === 0 ? [] : [{ level, index: this.#index(level), hashes: [...hashes] }],
    );
  }

  #climb(from: Subtree, made: (subtree: Subtree) => void): void {
    let subtree = from;
    for (let left = this.#stack.at(-1); left?.height === subtree.height; left = this.#stack.at(-1)) {
      this.#stack.pop();
      subtree = { height: subtree.height + 1, hash: nodeHash(left.hash, subtree.hash) };
      made(subtree);
    }
    this.#stack.push(subtree);
  }

  #place(level: number, hash: Buffer): void {
    const edge = (this.#edges[level] ??= []);
    edge.push(hash);
    if (edge.length < TILE_WIDTH) return;
    this.#full.push({ level, index: this.#index(level) - 1, hashes: edge });
    this.#edges[level] = [];
  }

  /** Full tiles of a level, which is the index of its partial one. */
  #index(level: number): number {
    return Math.floor(this.#size / TILE_WIDTH ** (level + 1));
  }
}
