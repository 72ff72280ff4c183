import type { WitnessMemory } from '../../core/ledger/witness';
import type { WitnessMemoryStore } from '../../core/ports/witness-memory';

/** A witness's memory in this process: for fast tests. */
export function memoryWitnessMemory(): WitnessMemoryStore {
  let kept: WitnessMemory | undefined;
  return {
    read: async () => kept,
    write: async (before, after) => {
      if (kept?.checkpointHash !== before?.checkpointHash) return 'moved on';
      kept = after;
      return 'written';
    },
  };
}
