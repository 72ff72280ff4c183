import type { Chain } from '../evidence/record';
import type { Sealable } from '../evidence/chain';

/**
 * The append-only evidence table. There is no update and no delete: the key (chain, run, seq) is the compare-and-set.
 */
export interface EvidenceStore {
  /** Create-only. `exists` when the place is taken, whatever is there; nothing is written then. */
  put(record: Sealable): Promise<'stored' | 'exists'>;
  /** Strongly consistent read of one place. */
  get(chain: Chain, runId: string, seq: number): Promise<Sealable | undefined>;
  /** Strongly consistent read of the newest record. */
  last(chain: Chain, runId: string): Promise<Sealable | undefined>;
  /** Strongly consistent read of a chain in order, whole or from a seq on. */
  read(chain: Chain, runId: string, from?: number): Promise<readonly Sealable[]>;
}
