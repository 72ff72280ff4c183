import type { EvidenceStore } from '../ports/evidence-store';
import { GENESIS, headAfter, leafHash, type Sealable } from './chain';
import { parseRecord, type Chain, type EvidenceRecord } from './record';

/** The first record that does not hold, what was expected there and what was found. */
export interface Break {
  readonly chain: Chain;
  readonly seq: number;
  readonly expected: string;
  readonly found: string;
}

export type ChainCheck =
  | { readonly state: 'verified'; readonly records: readonly EvidenceRecord[] }
  | { readonly state: 'broken'; readonly first: Break };

/** Both chains of a run. `closed` is whether the run's RunClosed record is there. */
export type RunCheck =
  | {
      readonly state: 'verified';
      readonly run: readonly EvidenceRecord[];
      readonly proof: readonly EvidenceRecord[];
      readonly closed: 'yes' | 'no';
    }
  | { readonly state: 'broken'; readonly first: Break };

/** Re-hashes every stored body and follows every link: seq without gaps, `prev` equal to the hash before. */
export function verifyChain(chain: Chain, runId: string, stored: readonly Sealable[]): ChainCheck {
  let head = GENESIS;
  const records: EvidenceRecord[] = [];
  for (const item of stored) {
    const broken = (expected: string, found: string): ChainCheck => ({
      state: 'broken',
      first: { chain, seq: head.seq, expected, found },
    });
    if (item.seq !== head.seq) return broken(`seq ${head.seq}`, `seq ${item.seq}`);
    const hash = leafHash(item.body);
    if (hash !== item.hash) return broken(`hash ${item.hash}`, `hash ${hash} of the stored body`);
    let record: EvidenceRecord;
    try {
      record = parseRecord(item.body);
    } catch {
      return broken('a record of version 1', 'a body that is none');
    }
    if (record.runId !== runId || record.chain !== chain || record.seq !== head.seq) {
      return broken(`${chain}#${runId} seq ${head.seq}`, `${record.chain}#${record.runId} seq ${record.seq}`);
    }
    if (record.prev !== head.prev) return broken(`prev ${head.prev}`, `prev ${record.prev}`);
    records.push(record);
    head = headAfter(item);
  }
  return { state: 'verified', records };
}

/** Verifies both chains of a run and what binds them: one terminal record at the end, naming the PROOF head. */
export function verifyRun(runId: string, run: readonly Sealable[], proof: readonly Sealable[]): RunCheck {
  const runCheck = verifyChain('RUN', runId, run);
  if (runCheck.state === 'broken') return runCheck;
  const proofCheck = verifyChain('PROOF', runId, proof);
  if (proofCheck.state === 'broken') return proofCheck;
  const records = runCheck.records;
  const first = records[0];
  if (first && first.type !== 'RunOpened') return broken('RUN', 0, 'RunOpened', first.type);
  if (!first && proof.length > 0) return broken('RUN', 0, 'RunOpened', 'nothing, though there are proofs');
  const terminal = records.findIndex((record) => record.type === 'RunClosed');
  if (terminal === -1) return { state: 'verified', run: records, proof: proofCheck.records, closed: 'no' };
  const extra = records[terminal + 1];
  if (extra) return broken('RUN', extra.seq, 'nothing after RunClosed', extra.type);
  const closing = records[terminal];
  if (closing?.type !== 'RunClosed') return broken('RUN', terminal, 'RunClosed', 'another type');
  // A prober that outlived its run may still add a proof; what came after the named head never counts.
  const counted = proof.slice(0, closing.proofHead.seq);
  const head = counted.reduce((_, item) => headAfter(item), GENESIS);
  if (closing.proofHead.seq !== head.seq || closing.proofHead.hash !== head.prev) {
    const expected = `PROOF head ${closing.proofHead.seq} ${closing.proofHead.hash}`;
    return broken('PROOF', head.seq, expected, `PROOF head ${head.seq} ${head.prev}`);
  }
  if (closing.outcome === 'verified' && !supported(proofCheck.records.slice(0, head.seq))) {
    return broken('PROOF', head.seq, 'a proven refusal behind the outcome verified', 'none');
  }
  return { state: 'verified', run: records, proof: proofCheck.records, closed: 'yes' };
}

function broken(chain: Chain, seq: number, expected: string, found: string): RunCheck {
  return { state: 'broken', first: { chain, seq, expected, found } };
}

/** `verified` stands only on proofs: none of them inconclusive, and at least one proven refusal. */
function supported(proofs: readonly EvidenceRecord[]): boolean {
  const judged = proofs.filter((record) => record.type === 'Judged');
  return (
    judged.every((proof) => proof.finding === 'proven') && judged.some((proof) => proof.claim === 'refused')
  );
}

/** Reads and verifies one run from a store. */
export async function verifyStoredRun(store: Pick<EvidenceStore, 'read'>, runId: string): Promise<RunCheck> {
  const [run, proof] = await Promise.all([store.read('RUN', runId), store.read('PROOF', runId)]);
  return verifyRun(runId, run, proof);
}
