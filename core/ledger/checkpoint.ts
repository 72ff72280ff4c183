import type { KeyObject } from 'node:crypto';
import * as z from 'zod/mini';
import { canonical } from '../evidence/canonical';
import { sha256 } from './hash';
import { openSigned } from './signed';

const hex = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const count = z.int().check(z.nonnegative());

const schema = z.strictObject({
  type: z.literal('gapless-checkpoint'),
  v: z.literal(1),
  origin: z.string(),
  size: z.int().check(z.positive()),
  root: hex,
  prevCheckpointHash: hex,
  leavesHash: hex,
  runsOpen: count,
  runsClosed: count,
  time: z.iso.datetime(),
});

/** What the ledger held at one moment. */
export interface Checkpoint {
  /** The ledger's id; who verifies pins it. */
  readonly origin: string;
  /** Leaves, that is records, under the root. */
  readonly size: number;
  /** Merkle root, RFC 6962, in hex. */
  readonly root: string;
  /** `checkpointHash` of the one before; 64 zeros for the first. */
  readonly prevCheckpointHash: string;
  /** SHA-256 of the leaf list that this checkpoint added, in hex: which record is which leaf is signed too. */
  readonly leavesHash: string;
  /** Runs with a sealed RunOpened and no sealed RunClosed, and runs with both. */
  readonly runsOpen: number;
  readonly runsClosed: number;
  /** ISO 8601 UTC, for people; order comes from `size`. */
  readonly time: string;
}

/** `prevCheckpointHash` of the first checkpoint. */
export const NO_CHECKPOINT = '0'.repeat(64);

/** Name of a checkpoint's object. */
export function checkpointKey(size: number): string {
  return `checkpoint/${String(size).padStart(12, '0')}`;
}

/** The one text of a checkpoint (RFC 8785): what is signed. */
export function checkpointText(checkpoint: Checkpoint): string {
  return canonical({ ...checkpoint, type: 'gapless-checkpoint', v: 1 });
}

/** SHA-256 of a checkpoint's text, in hex. The signature is left out: ECDSA signs the same text differently each time. */
export function checkpointHash(text: string): string {
  return sha256(text);
}

/** Whom the caller trusts. Neither is ever taken from what is verified (CVE-2022-39199). */
export interface Pinned {
  readonly origin: string;
  readonly key: KeyObject;
}

export type CheckpointCheck =
  | { readonly state: 'valid'; readonly checkpoint: Checkpoint; readonly hash: string }
  | { readonly state: 'invalid'; readonly expected: string; readonly found: string };

/** Reads a stored checkpoint: signed by the pinned key, in its one text form, of the pinned origin. */
export function openCheckpoint(bytes: Uint8Array, pinned: Pinned): CheckpointCheck {
  const opened = openSigned(bytes, pinned.key);
  if (opened.state === 'invalid')
    return { state: 'invalid', expected: 'a checkpoint signed by the pinned key', found: opened.found };
  const parsed = parse(opened.text);
  if (!parsed || checkpointText(parsed) !== opened.text)
    return { state: 'invalid', expected: 'a checkpoint of version 1', found: 'a signed text that is none' };
  if (parsed.origin !== pinned.origin)
    return { state: 'invalid', expected: `origin ${pinned.origin}`, found: `origin ${parsed.origin}` };
  return { state: 'valid', checkpoint: parsed, hash: checkpointHash(opened.text) };
}

function parse(text: string): Checkpoint | undefined {
  try {
    const { type: _type, v: _v, ...checkpoint } = schema.parse(JSON.parse(text));
    return checkpoint;
  } catch {
    return undefined;
  }
}
