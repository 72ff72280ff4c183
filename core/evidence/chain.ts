import { hash } from 'node:crypto';
import * as z from 'zod/mini';
import { Failure } from '../failure';
import { canonical } from './canonical';
import {
  evidenceRecord,
  RECORD_BYTES,
  RECORD_VERSION,
  type Actor,
  type Chain,
  type EvidenceRecord,
  type Statement,
} from './record';

/** Where a chain stands: the seq the next record takes and the hash it links to. */
export interface Head {
  readonly seq: number;
  readonly prev: string;
}

/** A chain without records. */
export const GENESIS: Head = { seq: 0, prev: '0'.repeat(64) };

/** What every record of a step carries besides its statement. */
export interface Stamp {
  readonly ledgerId: string;
  readonly runId: string;
  readonly fence: number;
  readonly stage: string;
  readonly actor: Actor;
  readonly controls: readonly string[];
  readonly code: EvidenceRecord['code'];
}

/** A record as it is stored: the exact bytes that were hashed, and their hash. */
export interface Sealable {
  readonly chain: Chain;
  readonly runId: string;
  readonly seq: number;
  readonly body: string;
  readonly hash: string;
}

/** Leaf hash of RFC 6962 section 2.1: SHA-256(0x00 || body). */
export function leafHash(body: string): string {
  return hash('sha256', `\u0000${body}`, 'hex');
}

/** Idempotency token of one item of one stage of one run: a repeated step finds its own records by it. */
export function tokenOf(runId: string, stage: string, item: string): string {
  return hash('sha256', canonical([runId, stage, item]), 'hex').slice(0, 32);
}

/**
 * Builds the next record of a chain, and gives it as whoever reads it back will see it.
 * @throws Failure EvidenceConflict when the record would exceed RECORD_BYTES (nothing was written)
 */
export function seal(
  stamp: Stamp,
  chain: Chain,
  head: Head,
  token: string,
  at: string,
  statement: Statement,
): { readonly sealed: Sealable; readonly record: EvidenceRecord } {
  const place = { v: RECORD_VERSION, chain, seq: head.seq, prev: head.prev, token, at };
  // Members that follow a spread cost Node 20 more than hashing all of them.
  const body = canonical(Object.assign({}, statement, stamp, place));
  // What cannot be read back must never be stored: nothing could follow it, and its run could not be closed.
  const record = evidenceRecord.safeParse(JSON.parse(body)).data;
  if (!record) {
    const message = `Stage ${stamp.stage} was to write a ${statement.type} record that does not fit version ${RECORD_VERSION}. Nothing was written. Report this with run ${stamp.runId}.`;
    throw new Failure('EvidenceConflict', message, 'none');
  }
  const bytes = Buffer.byteLength(body);
  if (bytes > RECORD_BYTES) {
    const message = `A ${statement.type} record of stage ${stamp.stage} has ${bytes} bytes; at most ${RECORD_BYTES} are allowed. Nothing was written. List fewer paths or consumers in the policy.`;
    throw new Failure('EvidenceConflict', message, 'none');
  }
  const sealed = { chain, runId: stamp.runId, seq: head.seq, body, hash: leafHash(body) };
  return { sealed, record };
}

/** The head after a stored record. */
export function headAfter(stored: Pick<Sealable, 'seq' | 'hash'>): Head {
  return { seq: stored.seq + 1, prev: stored.hash };
}

const linking = z.looseObject({ prev: z.string() });

/** The hash that a body links to; undefined when it is no record. */
export function prevOf(body: string): string | undefined {
  try {
    return linking.safeParse(JSON.parse(body)).data?.prev;
  } catch {
    return undefined;
  }
}
