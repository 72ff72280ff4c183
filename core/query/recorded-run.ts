import { leafHash, type Sealable } from '../evidence/chain';
import { parseRecord, type EvidenceRecord, type RecordOf } from '../evidence/record';
import { withLate, type LateRecords } from './late-records';
import type { QueryPorts } from './ports';
import { recordName } from './row-difference';
import type { RunLeaves } from './sealed-leaves';

/** First and last record of a run, as far as they hold. */
export type RecordedRun =
  | {
      readonly state: 'there';
      readonly opened: RecordOf<'RunOpened'>;
      readonly closed: RecordOf<'RunClosed'> | undefined;
    }
  | { readonly state: 'absent' }
  | { readonly state: 'wrong'; readonly why: string };

/** A run, the leaves that seal it, and what of it was kept in the spill. */
interface Asked {
  readonly runId: string;
  readonly leaves: RunLeaves | undefined;
  readonly late: LateRecords;
}

/**
 * Reads a run's first and last record, and holds them against the leaves that seal them. The last one names, through its
 * links, everything before it; what lies between is hashed again where a run is listed.
 */
export async function recordedRun(
  { evidence }: Pick<QueryPorts, 'evidence'>,
  { runId, leaves, late }: Asked,
): Promise<RecordedRun> {
  const stored = await Promise.all([
    evidence.get('RUN', runId, 0),
    leaves?.closes ? evidence.get('RUN', runId, leaves.closes.seq) : evidence.last('RUN', runId),
  ]);
  const first = stored[0] ?? withLate('RUN', [], late)[0];
  const last = withLate('RUN', stored[1] ? [stored[1]] : [], late).at(-1);
  if (!first && !leaves) return { state: 'absent' };
  const opened = held(runId, 0, first, leaves?.openedHash);
  if (opened.state === 'wrong') return opened;
  const lastSeq = leaves?.closes?.seq ?? last?.seq ?? 0;
  const ended = held(runId, lastSeq, last, leaves?.closes?.hash);
  if (ended.state === 'wrong') return ended;
  if (opened.record.type !== 'RunOpened') return wrong(runId, 0, 'RunOpened', opened.record.type);
  if (leaves?.closes && ended.record.type !== 'RunClosed')
    return wrong(runId, lastSeq, 'RunClosed', ended.record.type);
  const closed = ended.record.type === 'RunClosed' ? ended.record : undefined;
  return { state: 'there', opened: opened.record, closed };
}

/** Reads a run's first record alone and holds it against the leaf that seals it. */
export async function openedRun(
  { evidence }: Pick<QueryPorts, 'evidence'>,
  runId: string,
  openedHash: string,
): Promise<Extract<RecordedRun, { state: 'wrong' }> | { readonly state: 'opened'; readonly at: string }> {
  const opened = held(runId, 0, await evidence.get('RUN', runId, 0), openedHash);
  return opened.state === 'wrong' ? opened : { state: 'opened', at: opened.record.at };
}

type Held =
  { readonly state: 'held'; readonly record: EvidenceRecord } | Extract<RecordedRun, { state: 'wrong' }>;

function held(runId: string, seq: number, stored: Sealable | undefined, sealed: string | undefined): Held {
  if (!stored)
    return wrong(runId, seq, sealed === undefined ? 'a record' : `the record of hash ${sealed}`, 'nothing');
  const expected = sealed ?? stored.hash;
  const found = leafHash(stored.body);
  if (found !== expected) return wrong(runId, seq, `hash ${expected}`, `hash ${found} of the stored body`);
  try {
    return { state: 'held', record: parseRecord(stored.body) };
  } catch {
    return wrong(runId, seq, 'a record of version 1', 'a body that is none');
  }
}

function wrong(runId: string, seq: number, expected: string, found: string) {
  return {
    state: 'wrong',
    why: `${recordName('RUN', runId, seq)}: expected ${expected}, found ${found}`,
  } as const;
}
