import { GENESIS, type Head } from '../evidence/chain';
import type { EvidenceRecord } from '../evidence/record';
import { verifyBinding, type Checked } from '../evidence/verify';
import type { Leaf } from './leaf-list';
import { broken, type Position, type SealedTo } from './verify-source';

interface Run {
  run: Head;
  proof: Head;
  /** Kept until the run is closed, and not beyond: a ledger may hold more than fits in memory. */
  readonly records: Checked[];
  readonly proofs: Checked[];
  state: 'open' | 'closed';
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
    const next = { seq: seq + 1, prev: hash };
    if (chain === 'PROOF') {
      run.proof = next;
      if (run.state === 'open') run.proofs.push({ record, hash });
      return;
    }
    run.run = next;
    run.records.push({ record, hash });
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
    const next = { seq: seq + 1, prev: hash };
    if (chain === 'PROOF') run.proof = next;
    else run.run = next;
    if (chain === 'RUN' && seq === 0) this.#opened += 1;
    if (part !== 'closes') return;
    run.state = 'closed';
    this.#closed += 1;
  }

  /** What is known of the records so far of runs that are not closed yet. @throws Broken when they do not fit */
  finish(object: string): void {
    for (const [runId, { records, proofs, state }] of this.#runs) {
      if (state === 'open' && records.length + proofs.length > 0)
        this.#bind({ object, runId }, records, proofs);
    }
  }

  #of(runId: string): Run {
    const there = this.#runs.get(runId);
    if (there) return there;
    const run: Run = { run: GENESIS, proof: GENESIS, records: [], proofs: [], state: 'open' };
    this.#runs.set(runId, run);
    return run;
  }

  #close(at: Position, run: Run): void {
    this.#bind(at, run.records, run.proofs);
    run.state = 'closed';
    run.records.length = 0;
    run.proofs.length = 0;
    this.#closed += 1;
  }

  #bind(at: Position, records: readonly Checked[], proofs: readonly Checked[]): void {
    const check = verifyBinding(records, proofs);
    if (check.state === 'verified') return;
    const { chain, seq, expected, found } = check.first;
    broken({ ...at, chain, seq }, expected, found);
  }
}

function misplaced(at: Position, { state }: Run, head: Head): never {
  if (at.chain === 'RUN' && state === 'closed')
    broken(at, 'nothing after RunClosed', `a record at seq ${at.seq ?? 0}`);
  broken(at, `seq ${head.seq}`, `seq ${at.seq ?? 0}`);
}
