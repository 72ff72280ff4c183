import { Failure } from '../failure';
import type { Nodes } from './proof';
import { TILE_HEIGHT, TILE_WIDTH, tileHashes, tileKey, type TilePlace } from './tile';
import { Tree } from './tree';

/** Gives the bytes of a tile by its name; undefined when it is not there. */
export type ReadTile = (key: string) => Promise<Uint8Array | undefined>;

/** The nodes of a tree of `size` leaves, out of its tiles. Each tile is read once. */
export function nodesOf(read: ReadTile, size: number): Nodes {
  const tiles = new Map<string, Promise<readonly string[]>>();
  const tile = (level: number, index: number): Promise<readonly string[]> => {
    const place = { level, index, width: widthAt(size, level, index) };
    const key = tileKey(place);
    const there = tiles.get(key) ?? readTile(read, place);
    tiles.set(key, there);
    return there;
  };
  return async (height, index) => {
    const level = Math.floor(height / TILE_HEIGHT);
    const inner = height % TILE_HEIGHT;
    const first = index * 2 ** inner;
    const hashes = await tile(level, Math.floor(first / TILE_WIDTH));
    const at = first % TILE_WIDTH;
    return perfectRoot(hashes.slice(at, at + 2 ** inner));
  };
}

/**
 * Reads one tile. @returns its hashes in hex
 * @throws Failure EvidenceConflict when it is missing or has another length
 */
export async function readTile(read: ReadTile, place: TilePlace): Promise<readonly string[]> {
  const bytes = await read(tileKey(place));
  const hashes = bytes && tileHashes(bytes, place);
  if (hashes) return hashes;
  const found = bytes === undefined ? 'it is missing' : `it has ${bytes.byteLength} bytes`;
  const message = `Tile ${tileKey(place)} was to hold ${place.width} hashes; ${found}. Nothing was changed. Verify the ledger: gapless evidence verify`;
  throw new Failure('EvidenceConflict', message, 'none');
}

function widthAt(size: number, level: number, index: number): number {
  return Math.min(TILE_WIDTH, Math.floor(size / TILE_WIDTH ** level) - index * TILE_WIDTH);
}

function perfectRoot(hashes: readonly string[]): Buffer {
  const tree = new Tree();
  for (const hash of hashes) tree.append(hash);
  return Buffer.from(tree.root(), 'hex');
}
