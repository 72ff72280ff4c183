import type { Sealable } from '../../core/evidence/chain';
import type { Chain } from '../../core/evidence/record';
import type { EvidenceStore } from '../../core/ports/evidence-store';

/** Evidence in this process: for fast tests and benches. */
export class MemoryEvidenceStore implements EvidenceStore {
  readonly #chains = new Map<string, Map<number, Sealable>>();

  async put(record: Sealable): Promise<'stored' | 'exists'> {
    const key = `${record.chain}#${record.runId}`;
    const chain = this.#chains.get(key) ?? new Map<number, Sealable>();
    if (chain.has(record.seq)) return 'exists';
    this.#chains.set(key, chain.set(record.seq, record));
    return 'stored';
  }

  async get(chain: Chain, runId: string, seq: number): Promise<Sealable | undefined> {
    return this.#chains.get(`${chain}#${runId}`)?.get(seq);
  }

  async last(chain: Chain, runId: string): Promise<Sealable | undefined> {
    return (await this.read(chain, runId)).at(-1);
  }

  async read(chain: Chain, runId: string, from = 0): Promise<readonly Sealable[]> {
    const records = [...(this.#chains.get(`${chain}#${runId}`)?.values() ?? [])];
    return records.filter(({ seq }) => seq >= from).toSorted((a, b) => a.seq - b.seq);
  }
}
