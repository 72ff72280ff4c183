import * as z from 'zod/mini';
import type { Sealable } from '../evidence/chain';
import { parseRecord } from '../evidence/record';
import type { ExportedRecord, ExportedRun } from './exported-run';

const OPEN = '{"hash":"';
const BETWEEN = '","record":';
const HASH = z.string().check(z.regex(/^[0-9a-f]{64}$/));

/**
 * Each record a line: its hash, and the very bytes that were hashed. Stored bytes that are no record are a string under
 * `text`, with their place, so that one line stays one record.
 */
export function jsonl(runs: readonly ExportedRun[]): string {
  return runs.flatMap(({ records }) => records.map((each) => `${lineOf(each)}\n`)).join('');
}

function lineOf({ stored, record }: ExportedRecord): string {
  const { hash, chain, runId, seq, body } = stored;
  // A record is JSON without white space, so it holds no line break.
  if (record && !body.includes('\n')) return `${OPEN}${hash}${BETWEEN}${body}}`;
  return JSON.stringify({ hash, chain, runId, seq, text: body });
}

/**
 * Reads a line back to what was stored, byte for byte, so that a run can be verified from an export alone.
 * @throws TypeError when the line is not of this form; it is quoted up to its hash
 */
export function storedOf(line: string): Sealable {
  const from = OPEN.length + 64 + BETWEEN.length;
  const hash = line.slice(OPEN.length, OPEN.length + 64);
  const framed =
    line.startsWith(OPEN) && line.endsWith('}') && line.slice(from - BETWEEN.length, from) === BETWEEN;
  if (!framed || !HASH.safeParse(hash).success) {
    const given = JSON.stringify(line.slice(0, from));
    throw new TypeError(
      `line: got ${given}, want {"hash":"<64 hex digits>","record":<the record>}. Nothing was read.`,
    );
  }
  const body = line.slice(from, -1);
  const { chain, runId, seq } = parseRecord(body);
  return { chain, runId, seq, body, hash };
}
