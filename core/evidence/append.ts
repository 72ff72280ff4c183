import { Failure } from '../failure';
import type { EvidenceStore } from '../ports/evidence-store';
import { headAfter, seal, tokenOf, type Head, type Stamp } from './chain';
import { parseRecord, type Chain, type EvidenceRecord, type Statement } from './record';

/** `repeated`: this very step wrote this record before (it was retried or delivered twice); the stored one counts. */
export interface Appended {
  readonly head: Head;
  readonly record: EvidenceRecord;
  readonly status: 'written' | 'repeated';
}

export interface Entry {
  readonly chain: Chain;
  readonly head: Head;
  /** What distinguishes several entries of one type in one stage; usually the stage's subject. */
  readonly item: string;
  readonly at: string;
  readonly statement: Statement;
}

/**
 * Appends one record by a create-only put at (chain, seq). When the place is taken, the record there decides: same
 * stage, type and token is this step's own earlier write and counts; anything else means somebody newer owns the run.
 * Records are never compared by time fields.
 * @throws Failure FenceLost when the place belongs to somebody else (nothing was written)
 */
export async function append(store: EvidenceStore, stamp: Stamp, entry: Entry): Promise<Appended> {
  const token = tokenOf(stamp.runId, stamp.stage, entry.item);
  const { sealed, record: written } = seal(stamp, entry.chain, entry.head, token, entry.at, entry.statement);
  if ((await store.put(sealed)) === 'stored') {
    return { head: headAfter(sealed), record: written, status: 'written' };
  }
  const stored = await store.get(entry.chain, stamp.runId, entry.head.seq);
  const record = stored && parseRecord(stored.body);
  if (
    stored &&
    record &&
    record.stage === stamp.stage &&
    record.type === entry.statement.type &&
    record.token === token
  ) {
    return { head: headAfter(stored), record, status: 'repeated' };
  }
  const there = record ? `${record.type} of stage ${record.stage}` : 'nothing readable';
  const message = `Record ${entry.head.seq} of ${entry.chain}#${stamp.runId} already holds ${there}; stage ${stamp.stage} is no longer the writer of this run. Nothing was changed. Look at the run: gapless evidence show ${stamp.runId}`;
  throw new Failure('FenceLost', message, 'none');
}
