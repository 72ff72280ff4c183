import * as z from 'zod/mini';
import { canonical } from '../evidence/canonical';
import type { Pinned } from './checkpoint';
import { openSigned } from './signed';

const schema = z.strictObject({
  type: z.literal('gapless-pulse'),
  v: z.literal(1),
  origin: z.string(),
  size: z.int().check(z.nonnegative()),
  checkpointHash: z.string(),
  time: z.iso.datetime(),
});

/** Signed word that the sealer looked and found nothing new: what tells a quiet ledger from a silent sealer. */
export interface Pulse {
  readonly origin: string;
  readonly size: number;
  /** Of the last checkpoint; 64 zeros before the first. */
  readonly checkpointHash: string;
  readonly time: string;
}

/** A pulse is given at most once in this time, in milliseconds. */
export const PULSE_MS = 2 * 60_000;

/** When the turn of a moment began, ISO 8601 UTC. `now` is epoch milliseconds. */
export function pulseTime(now: number): string {
  return new Date(Math.floor(now / PULSE_MS) * PULSE_MS).toISOString();
}

/** Name of a pulse's object. */
export function pulseKey(time: string): string {
  return `pulse/${time}`;
}

/** The one text of a pulse. */
export function pulseText(pulse: Pulse): string {
  return canonical({ ...pulse, type: 'gapless-pulse', v: 1 });
}

/** Reads a stored pulse; undefined when it is not signed by the pinned key, or not of the pinned origin. */
export function openPulse(bytes: Uint8Array, pinned: Pinned): Pulse | undefined {
  const opened = openSigned(bytes, pinned.key);
  if (opened.state === 'invalid') return undefined;
  try {
    const { type: _type, v: _v, ...pulse } = schema.parse(JSON.parse(opened.text));
    return pulse.origin === pinned.origin ? pulse : undefined;
  } catch {
    return undefined;
  }
}
