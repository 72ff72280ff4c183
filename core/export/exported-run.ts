import { demonstrated, type Demonstration } from '../controls/demonstrated';
import type { Sealable } from '../evidence/chain';
import { parseRecord, type EvidenceRecord, type RecordOf } from '../evidence/record';
import { verifyRun, type RunCheck } from '../evidence/verify';

/** A stored record and what it says; undefined when its bytes are no record of version 1. */
export interface ExportedRecord {
  readonly stored: Sealable;
  readonly record: EvidenceRecord | undefined;
}

/** One run as every export sees it: verified again, whole, whatever became of it. */
export interface ExportedRun {
  readonly runId: string;
  readonly check: RunCheck;
  /** RUN before PROOF, each in order of seq. */
  readonly records: readonly ExportedRecord[];
  readonly opened: RecordOf<'RunOpened'> | undefined;
  readonly closed: RecordOf<'RunClosed'> | undefined;
  readonly shown: readonly Demonstration[];
}

/** Reads a run for export. Nothing that was stored is left out, readable or not. */
export function exportedRun(
  runId: string,
  run: readonly Sealable[],
  proof: readonly Sealable[],
): ExportedRun {
  const check = verifyRun(runId, run, proof);
  const records = [...run, ...proof].map((stored) => ({ stored, record: readable(stored.body) }));
  const said = records.flatMap(({ record }) => (record ? [record] : []));
  const closed = said.find((record) => record.type === 'RunClosed');
  const facts = {
    run: said.filter(({ chain }) => chain === 'RUN'),
    // What a prober added after the head that RunClosed names does not count.
    proof: said.filter(({ chain, seq }) => chain === 'PROOF' && seq < (closed?.proofHead.seq ?? Infinity)),
    broken: brokenText(check),
  };
  const opened = said.find((record) => record.type === 'RunOpened');
  return { runId, check, records, opened, closed, shown: demonstrated(facts) };
}

/** Where a run's chains do not hold; undefined when they do. */
export function brokenText(check: RunCheck): string | undefined {
  if (check.state === 'verified') return undefined;
  const { chain, seq, expected, found } = check.first;
  return `${chain} seq ${seq}: expected ${expected}, found ${found}`;
}

/** Where a record is kept: ledger, chain, run and place, as a URN. It names the record; it does not fetch it. */
export function evidenceKey({ ledgerId, chain, runId, seq }: EvidenceRecord): string {
  const parts = [ledgerId, chain, runId, String(seq).padStart(6, '0')];
  return `urn:gapless:${parts.map(encodeURIComponent).join(':')}`;
}

function readable(body: string): EvidenceRecord | undefined {
  try {
    return parseRecord(body);
  } catch {
    return undefined;
  }
}
