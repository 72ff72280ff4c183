import type { WitnessMemory } from '../ledger/witness';

/** Where a witness keeps what it saw last: a store of its own, that nobody of the ledger's account can write. */
export interface WitnessMemoryStore {
  read(): Promise<WitnessMemory | undefined>;
  /** `moved on`: another look was faster (nothing was changed). */
  write(before: WitnessMemory | undefined, after: WitnessMemory): Promise<'written' | 'moved on'>;
}
