import { leafHash } from '../../core/evidence/chain';
import { bundlePaths } from '../../core/ledger/bundle';
import { checkpointKey, checkpointText, openCheckpoint, type Checkpoint } from '../../core/ledger/checkpoint';
import {
  leafListHash,
  leafListKey,
  leafListText,
  readLeafList,
  type LeafList,
} from '../../core/ledger/leaf-list';
import { placeOf, tileBytes, tileKey } from '../../core/ledger/tile';
import { Tree } from '../../core/ledger/tree';
import type { Pinned } from '../../core/ledger/checkpoint';
import { signedBySealer, type Bundle } from './ledger-bundle';

// What an attacker does to a ledger at rest, each at a leaf of his choice. `signing`: he also got hold of the key.

/** The sealed objects of a bundle, by the checkpoint that covers each leaf. */
export interface Segment {
  readonly list: LeafList;
  readonly size: number;
}

export function segmentsOf(bundle: Bundle): readonly Segment[] {
  const known = parsed.get(bundle) ?? readSegments(bundle);
  parsed.set(bundle, known);
  return known;
}

const parsed = new WeakMap<Bundle, readonly Segment[]>();

function readSegments(bundle: Bundle): readonly Segment[] {
  const segments: Segment[] = [];
  for (let from = 0; ; from = segments.at(-1)?.size ?? 0) {
    const bytes = bundle.get(leafListKey(from));
    const list = bytes && readLeafList(bytes);
    if (!list) return segments;
    segments.push({ list, size: from + list.leaves.length });
  }
}

function segmentAt(bundle: Bundle, leaf: number): Segment {
  const found = segmentsOf(bundle).find(({ list, size }) => leaf >= list.from && leaf < size);
  if (!found) throw new Error(`no leaf ${leaf}`);
  return found;
}

function edited(bundle: Bundle, leaf: number, change: (lines: string[], at: number) => void): Bundle {
  const { list } = segmentAt(bundle, leaf);
  const path = bundlePaths.records(list.from);
  const lines = String(bundle.get(path)).split('\n').slice(0, -1);
  change(lines, leaf - list.from);
  return new Map(bundle).set(path, Buffer.from(lines.map((line) => `${line}\n`).join('')));
}

/** Another body that is still a record: its fence is one higher. */
function other(body: string): string {
  return body.replace(/"fence":(\d+)/, (_, fence: string) => `"fence":${Number(fence) + 1}`);
}

/** The operators that change what is stored at one leaf. */
export const operators: Readonly<Record<string, (bundle: Bundle, leaf: number) => Bundle>> = {
  flip: (bundle, leaf) =>
    edited(bundle, leaf, (lines, at) => {
      const bytes = Buffer.from(lines[at] ?? '');
      // Of a letter within a value, so that the body stays JSON and a record.
      const place = bytes.indexOf('"stage":"') + 9;
      bytes[place] = (bytes[place] ?? 0) ^ 0x20;
      lines[at] = bytes.toString();
    }),
  'flip of a bit anywhere': (bundle, leaf) =>
    edited(bundle, leaf, (lines, at) => {
      const bytes = Buffer.from(lines[at] ?? '');
      const place = (leaf * 31) % bytes.length;
      bytes[place] = (bytes[place] ?? 0) ^ 1;
      lines[at] = bytes.toString();
    }),
  'edit, hashed again in list and tile': (bundle, leaf) => editedEverywhere(bundle, leaf),
  delete: (bundle, leaf) => edited(bundle, leaf, (lines, at) => void (lines[at] = '')),
  'delete of the line': (bundle, leaf) => edited(bundle, leaf, (lines, at) => void lines.splice(at, 1)),
  reorder: (bundle, leaf) =>
    edited(bundle, leaf, (lines, at) => {
      const next = at + 1 < lines.length ? at + 1 : at - 1;
      [lines[at], lines[next]] = [lines[next] ?? '', lines[at] ?? ''];
    }),
  truncate: (bundle, leaf) => edited(bundle, leaf, (lines, at) => void lines.splice(at)),
  splice: (bundle, leaf) => {
    const from = segmentAt(bundle, (leaf + 151) % lastSize(bundle));
    const foreign = String(bundle.get(bundlePaths.records(from.list.from))).split('\n')[0] ?? '';
    return edited(bundle, leaf, (lines, at) => {
      lines[at] = lines[at] === foreign ? other(foreign) : foreign;
    });
  },
  replay: (bundle, leaf) =>
    edited(bundle, leaf, (lines, at) => void lines.splice(at + 1, 0, lines[at] ?? '')),
};

export function lastSize(bundle: Bundle): number {
  return segmentsOf(bundle).at(-1)?.size ?? 0;
}

/** Body, list and leaf tile say the same other thing; only what stands above them does not. */
function editedEverywhere(bundle: Bundle, leaf: number): Bundle {
  const { list } = segmentAt(bundle, leaf);
  let hash = '';
  const changed = edited(bundle, leaf, (lines, at) => {
    lines[at] = other(lines[at] ?? '');
    hash = leafHash(lines[at] ?? '');
  });
  const leaves = list.leaves.map((each, at) => (list.from + at === leaf ? { ...each, hash } : each));
  changed.set(leafListKey(list.from), Buffer.from(leafListText({ ...list, leaves })));
  for (const [key, bytes] of bundle) {
    const index = `tile/0/${String(Math.floor(leaf / 256)).padStart(12, '0')}`;
    if (key !== index && !key.startsWith(`${index}.p/`)) continue;
    const tile = Buffer.from(bytes);
    Buffer.from(hash, 'hex').copy(tile, (leaf % 256) * 32);
    changed.set(key, tile);
  }
  return changed;
}

/** Puts an older checkpoint in the place of another. */
export function swapped(bundle: Bundle, at: number, by: number): Bundle {
  const sizes = segmentsOf(bundle).map(({ size }) => size);
  const bytes = bundle.get(checkpointKey(sizes[by] ?? 0)) ?? Buffer.alloc(0);
  return new Map(bundle).set(checkpointKey(sizes[at] ?? 0), bytes);
}

/** Takes everything after a checkpoint away. */
export function rolledBack(bundle: Bundle, segments: number): Bundle {
  const size = segmentsOf(bundle)[segments - 1]?.size ?? 0;
  const kept = segmentsOf(bundle).slice(0, segments);
  return resealed(
    bundle,
    kept.map(({ list }) => list),
    { from: segments, keep: size },
  );
}

/** Rewrites history from a leaf on with the signing key: every list, tile and checkpoint after it fits again. */
export function forked(bundle: Bundle, leaf: number): Bundle {
  const changed = editedEverywhere(bundle, leaf);
  const lists = segmentsOf(changed).map(({ list }) => list);
  const first = lists.findIndex(({ from, leaves }) => leaf >= from && leaf < from + leaves.length);
  return resealed(changed, lists, { from: first, keep: Number.POSITIVE_INFINITY });
}

/** Every object again from lists, checkpoints from number `from` on signed anew. */
export function resealed(
  bundle: Bundle,
  lists: readonly LeafList[],
  { from, keep, origin }: { from: number; keep: number; origin?: string },
): Bundle {
  const made: Bundle = new Map();
  const tree = new Tree();
  let prevCheckpointHash = '0'.repeat(64);
  for (const [at, given] of lists.entries()) {
    const list = { ...given, prevCheckpointHash, ...(origin !== undefined && { origin }) };
    for (const { hash } of list.leaves) tree.append(hash);
    const checkpoint = checkpointOver(list, tree);
    const text = checkpointText(checkpoint);
    const old = bundle.get(checkpointKey(tree.size)) ?? Buffer.alloc(0);
    made.set(leafListKey(list.from), Buffer.from(leafListText(list)));
    made.set(checkpointKey(tree.size), at < from ? old : signedBySealer(text));
    for (const tile of tree.takeFull()) made.set(tileKey(placeOf(tile)), tileBytes(tile));
    prevCheckpointHash = leafListHash(text);
  }
  for (const tile of tree.partial()) made.set(tileKey(placeOf(tile)), tileBytes(tile));
  for (const [key, bytes] of bundle) {
    if (key.startsWith('records/') && Number(key.slice(8, 20)) < keep) made.set(key, bytes);
    if (key.startsWith('witness/') && Number(key.slice(8)) <= keep) made.set(key, bytes);
  }
  return made;
}

/** Signs checkpoints anew so that one in the middle follows nothing that is there, and all after it follow that one. */
export function unlinked(bundle: Bundle, at: number, pinned: Pinned): Bundle {
  const changed = new Map(bundle);
  let prevCheckpointHash = 'a'.repeat(64);
  for (const { size } of segmentsOf(bundle).slice(at)) {
    const text = checkpointText({ ...checkpointIn(bundle, size, pinned), prevCheckpointHash });
    changed.set(checkpointKey(size), signedBySealer(text));
    prevCheckpointHash = leafListHash(text);
  }
  return changed;
}

/** The checkpoint that a list and the tree after it lead to. */
export function checkpointOver(list: LeafList, tree: Tree): Checkpoint {
  const { origin, prevCheckpointHash, runsOpen, runsClosed, time } = list;
  const leavesHash = leafListHash(leafListText(list));
  const root = tree.root();
  return { origin, size: tree.size, root, prevCheckpointHash, leavesHash, runsOpen, runsClosed, time };
}

/** The checkpoint of a size as the bundle holds it. */
export function checkpointIn(bundle: Bundle, size: number, pinned: Pinned): Checkpoint {
  const check = openCheckpoint(bundle.get(checkpointKey(size)) ?? Buffer.alloc(0), pinned);
  if (check.state === 'invalid') throw new Error(check.found);
  return check.checkpoint;
}
