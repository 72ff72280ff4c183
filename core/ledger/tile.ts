import { HASH_BYTES } from './hash';

/** Levels of the tree in one tile, and hashes in a full one. */
export const TILE_HEIGHT = 8;
export const TILE_WIDTH = 2 ** TILE_HEIGHT;

/**
 * Up to 256 neighbouring hashes of one tile level: level 0 holds leaf hashes, level 1 the roots of full tiles of
 * level 0, and so on (the layout of c2sp.org/tlog-tiles). Hashes are in hex.
 */
export interface Tile {
  readonly level: number;
  readonly index: number;
  readonly hashes: readonly string[];
}

/** Which tile, and how many hashes of it a tree of some size has. */
export interface TilePlace {
  readonly level: number;
  readonly index: number;
  readonly width: number;
}

/** A tile's place. */
export function placeOf({ level, index, hashes }: Tile): TilePlace {
  return { level, index, width: hashes.length };
}

/** Name of a tile's object: `tile/<level>/<index>`, and `.p/<width>` after it while it is partial. */
export function tileKey({ level, index, width }: TilePlace): string {
  const partial = width === TILE_WIDTH ? '' : `.p/${width}`;
  return `tile/${level}/${String(index).padStart(12, '0')}${partial}`;
}

/** A tile as it is stored: its hashes one after the other. */
export function tileBytes({ hashes }: Tile): Buffer {
  return Buffer.from(hashes.join(''), 'hex');
}

/** The hashes of a stored tile in hex; undefined when its length is not the one its place asks for. */
export function tileHashes(bytes: Uint8Array, { width }: TilePlace): readonly string[] | undefined {
  if (bytes.byteLength !== width * HASH_BYTES) return undefined;
  const all = Buffer.from(bytes);
  return Array.from({ length: width }, (_, at) =>
    all.toString('hex', at * HASH_BYTES, (at + 1) * HASH_BYTES),
  );
}

/** The partial tiles of a tree of that size, lowest level first; none on a level that is full or empty. */
export function partialPlaces(size: number): readonly TilePlace[] {
  const places: TilePlace[] = [];
  for (let level = 0, nodes = size; nodes > 0; level += 1, nodes = Math.floor(nodes / TILE_WIDTH)) {
    const width = nodes % TILE_WIDTH;
    if (width > 0) places.push({ level, index: Math.floor(nodes / TILE_WIDTH), width });
  }
  return places;
}
