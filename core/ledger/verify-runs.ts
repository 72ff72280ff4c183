import { GENESIS } from '../evidence/chain';
import type { EvidenceRecord } from '../evidence/record';
import { verifyBinding } from '../evidence/verify';
import type { Leaf } from './leaf-list';
import { broken, type Position, type SealedTo } from './verify-source';

/** Where a chain stands. Changed in place: there is one step for every record of a ledger. */
interface Chain {
  seq: number;
  prev: string;
}

interface Run {
  readonly run: Chain;
  readonly proof: Chain;
  state: 'open' | 'closed';
  /** What a run is judged by when it is closed, and not kept beyond: a ledger may hold more than fits in memory. */
  readonly records: EvidenceRecord[];
  readonly proofs: EvidenceRecord[];
  readonly proofHashes: string[];
}

/** A run of which so many records arrived later than they were made. */
export interface Late {
  readonly runId: string;
  readonly spilled: number;
}

/** Follows the chains of every run through the leaves of the tree, in their order. */
export class RunBook {
  readonly #runs = new Map<string, Run>();
  readonly #degraded: Late[] = [];
  #opened = 0;
  #closed = 0;

  constructor(private readonly origin: string) {}

  get open(): number {
    return this.#opened - this.#closed;
  }

  get closed(): number {
    return this.#closed;
  }

  /** Runs whose evidence arrived later than it was made, as their terminal records say. */
  get degraded(): readonly Late[] {
    return this.#degraded;
  }

  /** How far each run is sealed. */
  sealed(): ReadonlyMap<string, SealedTo> {
    return new Map(
      [...this.#runs].map(([runId, { run, proof }]) => [runId, { run: run.seq, proof: proof.seq }]),
    );
  }

  /** The next record. @throws Broken when it is not the one that its chain goes on with */
  take(object: string, leaf: number, record: EvidenceRecord, hash: string): void {
    const { chain, runId, seq, prev, ledgerId } = record;
    const run = this.#of(runId);
    const head = chain === 'RUN' ? run.run : run.proof;
    if (ledgerId !== this.origin)
      broken(
        { object, leaf, chain, runId, seq },
        `a record of ledger ${this.origin}`,
        `one of ledger ${ledgerId}`,
      );
    if ((chain === 'RUN' && run.state === 'closed') || seq !== head.seq)
      misplaced({ object, leaf, chain, runId, seq }, run, head);
    if (prev !== head.prev) broken({ object, leaf, chain, runId, seq }, `prev ${head.prev}`, `prev ${prev}`);
    follow(head, hash);
    if (chain === 'PROOF') {
      if (run.state === 'closed') return;
      run.proofs.push(record);
      run.proofHashes.push(hash);
      return;
    }
    run.records.push(record);
    if (seq === 0) this.#opened += 1;
    if (record.type !== 'RunClosed') return;
    this.#close({ object, leaf, runId }, run);
    if (record.degraded) this.#degraded.push({ runId, spilled: record.degraded.spilled });
  }

  /** A leaf whose record is outside of what is verified: its place is all there is to check. */
  pass(at: Position, { chain, runId, seq, hash, part }: Leaf): void {
    const run = this.#of(runId);
    const head = chain === 'RUN' ? run.run : run.proof;
    if ((chain === 'RUN' && run.state === 'closed') || seq !== head.seq) misplaced(at, run, head);
    follow(head, hash);
    if (chain === 'RUN' && seq === 0) this.#opened += 1;
    if (part !== 'closes') return;
    run.state = 'closed';
    this.#closed += 1;
  }

  /** What is known of the records so far of runs that are not closed yet. @throws Broken when they do not fit */
  finish(object: string): void {
    for (const [runId, run] of this.#runs) {
      if (run.state === 'open' && run.records.length + run.proofs.length > 0) bind({ object, runId }, run);
    }
  }

  #of(runId: string): Run {
    const there = this.#runs.get(runId);
    if (there) return there;
    const run: Run = {
      run: { ...GENESIS },
      proof: { ...GENESIS },
      state: 'open',
      records: [],
      proofs: [],
      proofHashes: [],
    };
    this.#runs.set(runId, run);
    return run;
  }

  #close(at: Position, run: Run): void {
    bind(at, run);
    run.state = 'closed';
    // Emptied in place: an array that is only let go of may be old by now, and what is dead and old keeps the young that
    // it points to until the whole heap is collected.
    for (const judged of [run.records, run.proofs, run.proofHashes]) judged.length = 0;
    this.#closed += 1;
  }
}

function follow(chain: Chain, hash: string): void {
  chain.seq += 1;
  chain.prev = hash;
}

function bind(at: Position, { records: run, proofs: proof, proofHashes }: Run): void {
  const check = verifyBinding({ run, proof, proofHashes });
  if (check.state === 'verified') return;
  const { chain, seq, expected, found } = check.first;
  broken({ ...at, chain, seq }, expected, found);
}

function misplaced(at: Position, { state }: Run, head: Chain): never {
  if (at.chain === 'RUN' && state === 'closed')
    broken(at, 'nothing after RunClosed', `a record at seq ${at.seq ?? 0}`);
  broken(at, `seq ${head.seq}`, `seq ${at.seq ?? 0}`);
}
