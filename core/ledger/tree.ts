import { EMPTY_ROOT, nodeHashOfHex } from './hash';
import { TILE_HEIGHT, TILE_WIDTH, type Tile } from './tile';

/**
 * An append-only Merkle tree of RFC 6962 section 2.1, reduced to its right edge: memory is O(log size), a leaf costs
 * one node hash on average, a root at most log2(size) more. Full tiles are handed out as they fill. Hashes are in hex.
 */
export class Tree {
  /** Roots of the perfect subtrees that make up the tree, largest first: one for each bit set in its size. */
  readonly #stack: string[] = [];
  readonly #edges: string[][] = [];
  readonly #full: Tile[] = [];
  #size = 0;

  /** Rebuilds a tree from its partial tiles, `edges[level]` being the hashes of the last tile of that level. */
  static resume(size: number, edges: readonly (readonly string[])[]): Tree {
    const tree = new Tree();
    tree.#size = size;
    for (let level = edges.length - 1; level >= 0; level -= 1) {
      for (const [at, hash] of (edges[level] ?? []).entries()) tree.#climb(at, hash);
      tree.#edges[level] = [...(edges[level] ?? [])];
    }
    return tree;
  }

  /** Leaves so far. */
  get size(): number {
    return this.#size;
  }

  /** Appends a leaf hash: SHA-256(0x00 || body). */
  append(leaf: string): void {
    const before = this.#size;
    this.#size += 1;
    this.#place(0, leaf);
    this.#climb(before, leaf, 'place');
  }

  /** Root over the leaves so far. */
  root(): string {
    const [last = EMPTY_ROOT, ...left] = this.#stack.toReversed();
    return left.reduce((right, each) => nodeHashOfHex(each, right), last);
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

  /** A subtree joins the one before it as often as its number, counted from 0, ends in ones. */
  #climb(number: number, hash: string, roots?: 'place'): void {
    let root = hash;
    let height = 0;
    for (let left = number; left % 2 === 1; left = (left - 1) / 2) {
      root = nodeHashOfHex(this.#stack.pop() ?? EMPTY_ROOT, root);
      height += 1;
      if (roots === 'place' && height % TILE_HEIGHT === 0) this.#place(height / TILE_HEIGHT, root);
    }
    this.#stack.push(root);
  }

  #place(level: number, hash: string): void {
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
