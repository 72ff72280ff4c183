import { digestOf, EMPTY_ROOT, emptyNode, HASH_BYTES, LEFT, RIGHT } from './hash';
import { TILE_HEIGHT, TILE_WIDTH, type Tile } from './tile';

/**
 * An append-only Merkle tree of RFC 6962 section 2.1, reduced to its right edge: memory is O(log size), a leaf costs
 * one node hash on average, a root at most log2(size) more. Full tiles are handed out as they fill. Hashes are in hex.
 */
export class Tree {
  /**
   * The node being made at each height. Its left side is filled where that bit of the size is set: those are the roots of
   * the perfect subtrees that make up the tree.
   */
  readonly #nodes: Buffer[] = [];
  readonly #edges: string[][] = [];
  readonly #full: Tile[] = [];
  #size = 0;

  /** Rebuilds a tree from its partial tiles, `edges[level]` being the hashes of the last tile of that level. */
  static resume(size: number, edges: readonly (readonly string[])[]): Tree {
    const tree = new Tree();
    tree.#size = size;
    for (let level = edges.length - 1; level >= 0; level -= 1) {
      for (const [at, hash] of (edges[level] ?? []).entries()) tree.#climb(at, hash, level);
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
    this.#climb(before, leaf, 0, 'place');
  }

  /** Root over the leaves so far. */
  root(): string {
    let right: string | undefined;
    for (let height = 0, left = this.#size; left > 0; height += 1, left = Math.floor(left / 2)) {
      if (left % 2 === 0) continue;
      const node = this.#nodeAt(height);
      if (right === undefined) right = node.toString('latin1', LEFT, RIGHT);
      else {
        // The right side is nobody's until the next subtree of this height is there.
        node.write(right, RIGHT, 'latin1');
        right = digestOf(node);
      }
    }
    return right === undefined ? EMPTY_ROOT : Buffer.from(right, 'latin1').toString('hex');
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
  #climb(number: number, hash: string, level: number, roots?: 'place'): void {
    let height = level * TILE_HEIGHT;
    let node = this.#nodeAt(height);
    node.write(hash, sideOf(number), 'hex');
    for (let left = number; left % 2 === 1;) {
      const digest = digestOf(node);
      left = (left - 1) / 2;
      height += 1;
      node = this.#nodeAt(height);
      const side = sideOf(left);
      node.write(digest, side, 'latin1');
      if (roots === 'place' && height % TILE_HEIGHT === 0)
        this.#place(height / TILE_HEIGHT, node.toString('hex', side, side + HASH_BYTES));
    }
  }

  #nodeAt(height: number): Buffer {
    return (this.#nodes[height] ??= emptyNode());
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

/** Subtrees of a height are left and right sides in turns. */
function sideOf(number: number): number {
  return number % 2 === 0 ? LEFT : RIGHT;
}
