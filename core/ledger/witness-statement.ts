import * as z from 'zod/mini';
import { canonical } from '../evidence/canonical';
import type { Pinned } from './checkpoint';
import { openSigned } from './signed';

const hex = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const schema = z.strictObject({
  type: z.literal('gapless-witness'),
  v: z.literal(1),
  origin: z.string(),
  size: z.int().check(z.positive()),
  root: hex,
  checkpointHash: hex,
  time: z.iso.datetime(),
});

/** What a witness signs: it saw this checkpoint, and it continues every one it saw before. */
export interface WitnessStatement {
  readonly origin: string;
  readonly size: number;
  readonly root: string;
  readonly checkpointHash: string;
  /** When the witness saw it, ISO 8601 UTC. */
  readonly time: string;
}

/** Name of a countersignature's object. */
export function witnessKey(size: number): string {
  return `witness/${String(size).padStart(12, '0')}`;
}

/** The one text of a statement. */
export function statementText(statement: WitnessStatement): string {
  return canonical({ ...statement, type: 'gapless-witness', v: 1 });
}

/** Reads a stored statement; undefined when the pinned witness did not sign it about the pinned origin. */
export function openStatement(bytes: Uint8Array, pinned: Pinned): WitnessStatement | undefined {
  const opened = openSigned(bytes, pinned.key);
  if (opened.state === 'invalid') return undefined;
  try {
    const { type: _type, v: _v, ...statement } = schema.parse(JSON.parse(opened.text));
    return statement.origin === pinned.origin ? statement : undefined;
  } catch {
    return undefined;
  }
}
