import type { ObjectVersions } from '../ports/sealed-store';
import { checkpointKey, NO_CHECKPOINT, openCheckpoint, type Checkpoint, type Pinned } from './checkpoint';
import { broken, type Objects } from './verify-source';

/** An object that was laid over another, or hidden, after it was written. */
export interface Overlay {
  readonly key: string;
  readonly extraVersions: number;
  readonly deleteMarkers: number;
}

/** Objects with more than their first version. */
export function overlays(all: readonly ObjectVersions[]): readonly Overlay[] {
  return all.flatMap(({ key, versions }) => {
    const deleteMarkers = versions.filter(({ kind }) => kind === 'delete marker').length;
    const extraVersions = Math.max(0, versions.length - deleteMarkers - 1);
    return deleteMarkers + extraVersions > 0 ? [{ key, extraVersions, deleteMarkers }] : [];
  });
}

/** Sizes of the checkpoints that objects hold, smallest first. @throws Broken at a name that is none */
export function sizesOf(keys: readonly string[], prefix: 'checkpoint/' | 'witness/'): readonly number[] {
  return keys
    .map((key) => {
      const digits = key.slice(prefix.length);
      if (!/^\d{12}$/.test(digits)) broken(key, `a name of the form ${prefix}<12 digits>`, key);
      return Number(digits);
    })
    .toSorted((a, b) => a - b);
}

/** A checkpoint that was verified, as far as it can be without its leaves. */
export interface Verified {
  readonly checkpoint: Checkpoint;
  readonly hash: string;
  readonly bytes: Uint8Array;
}

/** Reads the checkpoint of a size that follows another. @throws Broken when it is not signed, or does not follow */
export async function followingCheckpoint(
  objects: Pick<Objects, 'get'>,
  pinned: Pinned,
  size: number,
  before: Verified | undefined,
): Promise<Verified> {
  const key = checkpointKey(size);
  const bytes = await objects.get(key);
  if (bytes === undefined) return broken(key, `the checkpoint of ${size} leaves`, 'nothing');
  const check = openCheckpoint(bytes, pinned);
  if (check.state === 'invalid') return broken(key, check.expected, check.found);
  const { checkpoint, hash } = check;
  if (checkpoint.size !== size) broken(key, `size ${size}`, `size ${checkpoint.size}`);
  const prev = before?.hash ?? NO_CHECKPOINT;
  if (checkpoint.prevCheckpointHash !== prev)
    broken(
      key,
      `prevCheckpointHash ${prev}, of the checkpoint of ${before?.checkpoint.size ?? 0} leaves`,
      checkpoint.prevCheckpointHash,
    );
  return { checkpoint, hash, bytes };
}
