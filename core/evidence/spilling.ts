import { Failure } from '../failure';
import type { EvidenceStore } from '../ports/evidence-store';
import type { Spill, Spilled } from '../ports/spill';
import { prevOf, type Sealable } from './chain';
import type { Chain } from './record';

/** Whether a store failed, rather than answered. */
export function isStoreDown(error: unknown): error is Failure {
  return error instanceof Failure && ['StoreUnavailable', 'Internal'].includes(error.name);
}

/**
 * Evidence of an emergency, for one invocation. While the table takes no record, or records of the run wait in the spill
 * already, the run's records go to the spill, so that the table never has a gap; whoever delivers them puts them in. A
 * table that failed once is not asked again in this invocation: an emergency has no time to wait for it twice.
 */
export class SpillingEvidence implements EvidenceStore {
  #reads: 'up' | 'down' = 'up';
  #writes: 'up' | 'down' = 'up';
  #spillReads: 'up' | 'down' = 'up';
  readonly #kept = new Map<string, Spilled[]>();

  constructor(
    /** The evidence table alone. */
    readonly table: EvidenceStore,
    private readonly spill: Spill,
  ) {}

  async put(record: Sealable): Promise<'stored' | 'exists'> {
    const kept = await this.#keptOf(record.runId);
    const waits = kept.some(({ state }) => state === 'waiting');
    if (!waits && this.#writes === 'up') {
      try {
        return await this.table.put(record);
      } catch (error) {
        if (!isStoreDown(error)) throw error;
        this.#writes = 'down';
      }
    }
    const done = await this.spill.put(record);
    if (done === 'stored') kept.push({ record, state: 'waiting' });
    else this.#kept.delete(record.runId);
    return done;
  }

  /** @throws Failure StoreUnavailable when the table cannot be read and may hold what is asked for */
  async get(chain: Chain, runId: string, seq: number): Promise<Sealable | undefined> {
    const kept = await this.#keptOf(runId);
    const own = kept.find(
      ({ record, state }) => state !== 'aside' && record.chain === chain && record.seq === seq,
    )?.record;
    const stored = await this.#ask(() => this.table.get(chain, runId, seq));
    if (stored !== 'down') return stored ?? own;
    if (own !== undefined || isWhole(kept)) return own;
    throw unreadable(runId);
  }

  async last(chain: Chain, runId: string): Promise<Sealable | undefined> {
    return (await this.read(chain, runId)).at(-1);
  }

  /** @throws Failure StoreUnavailable when the table cannot be read and holds, or may hold, a part of the run */
  async read(chain: Chain, runId: string, from = 0): Promise<readonly Sealable[]> {
    const kept = await this.#keptOf(runId);
    const own = kept
      .filter(({ state, record }) => state !== 'aside' && record.chain === chain && record.seq >= from)
      .map(({ record }) => record)
      .toSorted((a, b) => a.seq - b.seq);
    const stored = await this.#ask(() => this.table.read(chain, runId, from));
    if (stored !== 'down') return followedBy(stored, own, from);
    if (isWhole(kept)) return own;
    throw unreadable(runId);
  }

  /** Asks the table for nothing any more in this invocation: a record of the run could not be written to it. */
  giveUpTable(): void {
    this.#writes = 'down';
  }

  /** What was kept of a run, as this invocation knows it. */
  async keptOf(runId: string): Promise<readonly Spilled[]> {
    return this.#keptOf(runId);
  }

  /**
   * Sees that what was read of a run is all of it, as far as it is anywhere. Whoever ends a run has to know: an end that
   * takes the place of a record that waits would have it set aside.
   * @throws Failure StoreUnavailable when it could not be read whether records of the run wait in the spill
   */
  async mustBeWhole(runId: string): Promise<void> {
    await this.#keptOf(runId);
    if (this.#spillReads === 'up') return;
    const message = `Whether records of run ${runId} wait in the spill cannot be read: the bucket does not answer. The run is not closed, for its end could take their place. Nothing was changed by that. Settle closes it once the bucket answers.`;
    throw new Failure('StoreUnavailable', message, 'none');
  }

  async #ask<T>(read: () => Promise<T>): Promise<T | 'down'> {
    if (this.#reads === 'down') return 'down';
    try {
      return await read();
    } catch (error) {
      if (!isStoreDown(error)) throw error;
      [this.#reads, this.#writes] = ['down', 'down'];
      return 'down';
    }
  }

  async #keptOf(runId: string): Promise<Spilled[]> {
    const known = this.#kept.get(runId);
    if (known) return known;
    // A bucket that does not answer must not hold up an emergency whose table is there.
    const found = await this.spill.of(runId).catch((error: unknown) => {
      if (!isStoreDown(error)) throw error;
      this.#spillReads = 'down';
      return [];
    });
    const kept = [...found];
    this.#kept.set(runId, kept);
    return kept;
  }
}

function unreadable(runId: string): Failure {
  const message = `The evidence of run ${runId} cannot be read: the evidence table does not answer, and a part of the run may be in it. Nothing was changed by that. The step is repeated; Settle goes on with the run once the table answers.`;
  return new Failure('StoreUnavailable', message, 'none');
}

/**
 * The table's records of a chain, and behind them those of the spill that follow on.
 * @param kept by seq
 * @param from the seq that the chain was read from
 */
export function followedBy(
  stored: readonly Sealable[],
  kept: readonly Sealable[],
  from: number,
): readonly Sealable[] {
  const all = [...stored];
  for (const record of kept) {
    const last = all.at(-1);
    const follows = last
      ? record.seq === last.seq + 1 && prevOf(record.body) === last.hash
      : record.seq === from;
    if (follows) all.push(record);
  }
  return all;
}

/** Whether the table holds nothing of a run: it began in the spill, and nothing of it was delivered yet. */
function isWhole(kept: readonly Spilled[]): boolean {
  return (
    kept.some(({ record }) => record.chain === 'RUN' && record.seq === 0) &&
    kept.every(({ state }) => state === 'waiting')
  );
}
