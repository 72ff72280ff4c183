import {
  partialPlaces,
  placeOf,
  tileBytes,
  tileKey,
  TILE_HEIGHT,
  TILE_WIDTH,
  type Tile,
  type TilePlace,
} from './tile';
import { HASH_BYTES } from './hash';
import type { Tree } from './tree';
import { broken, type Objects } from './verify-source';

/** Compares the tiles that filled since the last call with the stored ones. @throws Broken at the first other leaf */
export async function checkFullTiles(objects: Pick<Objects, 'get'>, tree: Tree): Promise<void> {
  for (const tile of tree.takeFull()) await checkTile(objects, tile);
}

/** Compares the tiles at the right edge of the tree with the stored ones. @throws Broken at the first other leaf */
export async function checkPartialTiles(objects: Pick<Objects, 'get'>, tree: Tree): Promise<void> {
  for (const tile of tree.partial()) await checkTile(objects, tile);
}

async function checkTile(objects: Pick<Objects, 'get'>, tile: Tile): Promise<void> {
  const key = tileKey(placeOf(tile));
  const stored = await objects.get(key);
  if (stored === undefined) return broken(key, `${tile.hashes.length} hashes`, 'nothing');
  const worked = tileBytes(tile);
  if (worked.equals(stored)) return;
  const at = worked.findIndex((byte, place) => byte !== stored[place]);
  const entry = Math.floor((at === -1 ? worked.byteLength : at) / HASH_BYTES);
  const leaf = (tile.index * TILE_WIDTH + entry) * 2 ** (tile.level * TILE_HEIGHT);
  const there = Buffer.from(stored).subarray(entry * HASH_BYTES, (entry + 1) * HASH_BYTES);
  const expected = tile.hashes[entry] ?? `${worked.byteLength} bytes`;
  const found = entry < tile.hashes.length ? there.toString('hex') : `${stored.byteLength} bytes`;
  broken({ object: key, leaf }, expected, found);
}

/** Every tile of a tree of that size: the full ones, and the last partial one of each level. */
export function tilePlaces(size: number): readonly TilePlace[] {
  const full: TilePlace[] = [];
  for (let level = 0, nodes = size; nodes >= TILE_WIDTH; level += 1, nodes = Math.floor(nodes / TILE_WIDTH)) {
    const count = Math.floor(nodes / TILE_WIDTH);
    for (let index = 0; index < count; index += 1) full.push({ level, index, width: TILE_WIDTH });
  }
  return [...full, ...partialPlaces(size)];
}
