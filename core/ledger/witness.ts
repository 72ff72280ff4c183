import { openCheckpoint, type Pinned } from './checkpoint';
import { checkConsistency, type TreeHead } from './proof-check';
import { EMPTY_ROOT } from './hash';
import type { Pulse } from './pulse';
import type { WitnessStatement } from './witness-statement';

/** What a witness remembers by itself; it asks nobody what it saw last. */
export interface WitnessMemory {
  readonly size: number;
  readonly root: string;
  readonly checkpointHash: string;
  /** The checkpoint's own time, ISO 8601 UTC. */
  readonly time: string;
}

/** Longest time without a checkpoint or a pulse, in milliseconds. */
export const SILENCE_MS = 5 * 60_000;

/**
 * - `gap`: a checkpoint does not follow the one the witness remembers, or cannot be read;
 * - `fork`: it follows by its link, but is no continuation of the tree the witness remembers;
 * - `rollback`: the remembered checkpoint is gone, or another one now;
 * - `silence`: no sign of the sealer for too long.
 */
export interface Alarm {
  readonly kind: 'gap' | 'fork' | 'rollback' | 'silence';
  readonly sentence: string;
}

/** The remembered checkpoint as the ledger has it now. */
export function stillThere(
  memory: WitnessMemory,
  bytes: Uint8Array | undefined,
  pinned: Pinned,
): Alarm | undefined {
  const check = bytes && openCheckpoint(bytes, pinned);
  if (check?.state === 'valid' && check.hash === memory.checkpointHash) return undefined;
  const found = !check ? 'it is gone' : check.state === 'valid' ? `its hash is ${check.hash}` : check.found;
  const sentence = `The checkpoint of ${memory.size} leaves, hash ${memory.checkpointHash}, was seen before; now ${found}.`;
  return { kind: 'rollback', sentence };
}

/** What a witness is shown after what it remembers. */
export interface Sighting {
  readonly bytes: Uint8Array;
  /** Proof that the remembered tree is what this one began as. */
  readonly consistency: (older: number, newer: number) => Promise<readonly Buffer[]>;
}

export type Looked =
  | { readonly state: 'follows'; readonly memory: WitnessMemory }
  | { readonly state: 'alarm'; readonly alarm: Alarm };

function alarm(kind: Alarm['kind'], sentence: string): Looked {
  return { state: 'alarm', alarm: { kind, sentence } };
}

/** Whether a checkpoint continues what the witness remembers: signed, linked, and the same tree grown. */
export async function look(
  memory: WitnessMemory,
  { bytes, consistency }: Sighting,
  pinned: Pinned,
): Promise<Looked> {
  const check = openCheckpoint(bytes, pinned);
  if (check.state === 'invalid')
    return alarm('gap', `After ${memory.size} leaves: expected ${check.expected}, found ${check.found}.`);
  const { checkpoint, hash } = check;
  const { size, root, prevCheckpointHash } = checkpoint;
  if (prevCheckpointHash !== memory.checkpointHash || size <= memory.size)
    return alarm(
      'gap',
      `The checkpoint of ${size} leaves follows ${prevCheckpointHash}, not ${memory.checkpointHash} of ${memory.size} leaves.`,
    );
  const proof = await consistency(memory.size, size);
  if (checkConsistency(headOf(memory), headOf(checkpoint), proof) !== 'proven')
    return alarm(
      'fork',
      `The tree of ${size} leaves does not begin as the tree of ${memory.size} leaves that was seen before.`,
    );
  return { state: 'follows', memory: { size, root, checkpointHash: hash, time: checkpoint.time } };
}

function headOf({ size, root }: { readonly size: number; readonly root: string }): TreeHead {
  return { size, root: Buffer.from(size === 0 ? EMPTY_ROOT : root, 'hex') };
}

/** What the witness signs about what it remembers. `time` is ISO 8601 UTC. */
export function statementOf(
  { size, root, checkpointHash }: WitnessMemory,
  origin: string,
  time: string,
): WitnessStatement {
  return { origin, size, root, checkpointHash, time };
}

/** Whether the sealer's own word of how far it is fits what was followed. */
export function fitsPulse(memory: WitnessMemory, pulse: Pulse): Alarm | undefined {
  if (pulse.size > memory.size) {
    const sentence = `At ${pulse.time} the sealer was at ${pulse.size} leaves; nothing that follows ${memory.size} leaves is to be found.`;
    return { kind: 'gap', sentence };
  }
  if (pulse.size < memory.size || pulse.checkpointHash === memory.checkpointHash) return undefined;
  const sentence = `At ${pulse.time} the sealer named checkpoint ${pulse.checkpointHash} of ${pulse.size} leaves; ${memory.checkpointHash} was seen.`;
  return { kind: 'fork', sentence };
}

/** @param heardAt of the newest checkpoint or pulse, ISO 8601 UTC; undefined when there never was one */
export function silence(heardAt: string | undefined, now: number): Alarm | undefined {
  if (heardAt !== undefined && now - Date.parse(heardAt) <= SILENCE_MS) return undefined;
  const since = heardAt === undefined ? 'was never heard of' : `was last heard of at ${heardAt}`;
  return {
    kind: 'silence',
    sentence: `The sealer ${since}; it speaks at least every 2 minutes when it lives.`,
  };
}
