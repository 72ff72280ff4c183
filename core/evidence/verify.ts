import type { EvidenceStore } from '../ports/evidence-store';
import { GENESIS, headAfter, leafHash, type Sealable } from './chain';
import { clockOf, type Clock } from '../run/clock';
import { endingOf, levelsOf } from '../run/closing';
import type { Facts } from '../run/facts';
import { canonical } from './canonical';
import { parseRecord, type Chain, type EvidenceRecord, type RecordOf } from './record';

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
    const ledger = records[0]?.ledgerId ?? record.ledgerId;
    if (record.ledgerId !== ledger) return broken(`ledger ${ledger}`, `ledger ${record.ledgerId}`);
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
  const proofHashes = proof.map(({ hash }) => hash);
  return verifyBinding({ run: runCheck.records, proof: proofCheck.records, proofHashes });
}

/** Records whose bytes were hashed and whose links were followed, and the hash of each proof. */
export interface Followed {
  readonly run: readonly EvidenceRecord[];
  readonly proof: readonly EvidenceRecord[];
  readonly proofHashes: readonly string[];
}

/** Verifies what binds two chains that hold by themselves. */
export function verifyBinding({ run, proof, proofHashes }: Followed): RunCheck {
  const first = run[0];
  if (first && first.type !== 'RunOpened') return broken('RUN', 0, 'RunOpened', first.type);
  if (!first && proof.length > 0) return broken('RUN', 0, 'RunOpened', 'nothing, though there are proofs');
  const ledger = proof[0]?.ledgerId;
  if (first && ledger !== undefined && ledger !== first.ledgerId)
    return broken('PROOF', 0, `ledger ${first.ledgerId}`, `ledger ${ledger}`);
  const terminal = run.findIndex((record) => record.type === 'RunClosed');
  if (terminal === -1) return { state: 'verified', run, proof, closed: 'no' };
  const extra = run[terminal + 1];
  if (extra) return broken('RUN', extra.seq, 'nothing after RunClosed', extra.type);
  const closed = run[terminal];
  if (closed?.type !== 'RunClosed') return broken('RUN', terminal, 'RunClosed', 'another type');
  // A prober that outlived its run may still add a proof; what came after the named head never counts.
  const counted = proof.slice(0, closed.proofHead.seq);
  const head = { seq: counted.length, prev: proofHashes[counted.length - 1] ?? GENESIS.prev };
  if (closed.proofHead.seq !== head.seq || closed.proofHead.hash !== head.prev) {
    const expected = `PROOF head ${closed.proofHead.seq} ${closed.proofHead.hash}`;
    return broken('PROOF', head.seq, expected, `PROOF head ${head.seq} ${head.prev}`);
  }
  const facts = {
    run: run.slice(0, terminal),
    proof: counted,
    heads: { proofSeq: head.seq, proofPrev: head.prev },
  };
  const unsupported = contradiction(closed, facts);
  if (unsupported) return broken('RUN', terminal, unsupported.expected, unsupported.found);
  return { state: 'verified', run, proof, closed: 'yes' };
}

/** What RunClosed claims beyond what the chains before it support: whoever writes it cannot make it up. */
function contradiction(
  closed: RecordOf<'RunClosed'>,
  facts: Facts,
): { expected: string; found: string } | undefined {
  const { census } = closed;
  const outcome = endingOf(facts, undefined, closed.owes, census);
  if (closed.outcome === 'verified' && outcome !== 'verified') {
    return {
      expected: "proofs about this run's own versions behind the outcome verified",
      found: outcome,
    };
  }
  const again = levelsOf(facts, census);
  if (!sameLevels(closed, again)) return { expected: claims(again), found: claims(closed) };
  const clock = clockOf(facts);
  return TIMES.every((time) => clock[time] === closed[time])
    ? undefined
    : { expected: timesText(clock), found: timesText(closed) };
}

/** What a run says of its times and its deadline; all of it follows from the records before. */
const TIMES = [
  'requestedAt',
  'containedAt',
  'lastAcceptedAt',
  'firstStableRefusalAt',
  'sessionsZeroAt',
  'deadline',
  'exposureSeconds',
  'unavailableSeconds',
] as const;

function timesText(clock: Pick<Clock, (typeof TIMES)[number]>): string {
  return canonical(Object.fromEntries(TIMES.map((time) => [time, clock[time]])));
}

type Levels = Pick<RecordOf<'RunClosed'>, 'level' | 'credentials'>;

function sameLevels(a: Levels, b: Levels): boolean {
  return (
    a.level === b.level &&
    a.credentials.length === b.credentials.length &&
    a.credentials.every((one, at) => {
      const other = b.credentials[at];
      return (
        one.versionId === other?.versionId && one.level === other.level && one.probeable === other.probeable
      );
    })
  );
}

function claims({ level, credentials }: Levels): string {
  return canonical({ level, credentials });
}

function broken(chain: Chain, seq: number, expected: string, found: string): RunCheck {
  return { state: 'broken', first: { chain, seq, expected, found } };
}

/** Reads and verifies one run from a store. */
export async function verifyStoredRun(store: Pick<EvidenceStore, 'read'>, runId: string): Promise<RunCheck> {
  const [run, proof] = await Promise.all([store.read('RUN', runId), store.read('PROOF', runId)]);
  return verifyRun(runId, run, proof);
}
