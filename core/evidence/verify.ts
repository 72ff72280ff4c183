import type { EvidenceStore } from '../ports/evidence-store';
import { GENESIS, headAfter, leafHash, type Sealable } from './chain';
import { closing, endingOf, levelsOf, type Facts } from '../run/closing';
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
  return verifyBinding(checked(runCheck.records, run), checked(proofCheck.records, proof));
}

/** A record whose bytes hash to `hash` and whose links were followed. */
export interface Checked {
  readonly record: EvidenceRecord;
  readonly hash: string;
}

function checked(records: readonly EvidenceRecord[], stored: readonly Sealable[]): readonly Checked[] {
  return records.map((record, at) => ({ record, hash: stored[at]?.hash ?? '' }));
}

/** Verifies what binds two chains that hold by themselves. */
export function verifyBinding(run: readonly Checked[], proof: readonly Checked[]): RunCheck {
  const records = run.map(({ record }) => record);
  const proofs = proof.map(({ record }) => record);
  const first = records[0];
  if (first && first.type !== 'RunOpened') return broken('RUN', 0, 'RunOpened', first.type);
  if (!first && proof.length > 0) return broken('RUN', 0, 'RunOpened', 'nothing, though there are proofs');
  const ledger = proofs[0]?.ledgerId;
  if (first && ledger !== undefined && ledger !== first.ledgerId)
    return broken('PROOF', 0, `ledger ${first.ledgerId}`, `ledger ${ledger}`);
  const terminal = records.findIndex((record) => record.type === 'RunClosed');
  if (terminal === -1) return { state: 'verified', run: records, proof: proofs, closed: 'no' };
  const extra = records[terminal + 1];
  if (extra) return broken('RUN', extra.seq, 'nothing after RunClosed', extra.type);
  const closed = records[terminal];
  if (closed?.type !== 'RunClosed') return broken('RUN', terminal, 'RunClosed', 'another type');
  // A prober that outlived its run may still add a proof; what came after the named head never counts.
  const counted = proof.slice(0, closed.proofHead.seq);
  const head = { seq: counted.length, prev: counted.at(-1)?.hash ?? GENESIS.prev };
  if (closed.proofHead.seq !== head.seq || closed.proofHead.hash !== head.prev) {
    const expected = `PROOF head ${closed.proofHead.seq} ${closed.proofHead.hash}`;
    return broken('PROOF', head.seq, expected, `PROOF head ${head.seq} ${head.prev}`);
  }
  const facts = {
    run: records.slice(0, terminal),
    proof: proofs.slice(0, head.seq),
    heads: { proofSeq: head.seq, proofPrev: head.prev },
  };
  const unsupported = contradiction(closed, facts);
  if (unsupported) return broken('RUN', terminal, unsupported.expected, unsupported.found);
  return { state: 'verified', run: records, proof: proofs, closed: 'yes' };
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
  const clock = clockOf(closing(facts, undefined, closed.owes));
  const said = clockOf(closed);
  return clock === said ? undefined : { expected: clock, found: said };
}

/** What a run says of its times and its deadline; all of it follows from the records before. */
function clockOf(closed: Clock): string {
  const { requestedAt, containedAt, lastAcceptedAt, firstStableRefusalAt, sessionsZeroAt } = closed;
  const { deadline, exposureSeconds, unavailableSeconds } = closed;
  return canonical({
    requestedAt,
    containedAt,
    lastAcceptedAt,
    firstStableRefusalAt,
    sessionsZeroAt,
    deadline,
    exposureSeconds,
    unavailableSeconds,
  });
}

type Clock = Pick<
  RecordOf<'RunClosed'>,
  | 'requestedAt'
  | 'containedAt'
  | 'lastAcceptedAt'
  | 'firstStableRefusalAt'
  | 'sessionsZeroAt'
  | 'deadline'
  | 'exposureSeconds'
  | 'unavailableSeconds'
>;

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
