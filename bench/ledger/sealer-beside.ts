import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { MemorySealedStore } from '../../adapters/memory/sealed-store';
import { readLeafList } from '../../core/ledger/leaf-list';
import type { SealedStore } from '../../core/ports/sealed-store';
import type { SealDeps } from '../../lambdas/steps/seal/deps';
import { seal } from '../../lambdas/steps/seal/run';

/** Between two looks, in milliseconds: how often a schedule would start the sealer if it were in a hurry. */
const LOOK_EVERY_MS = 250;

/** A sealer that works beside whoever writes. */
export interface SealerBeside {
  /** Tells when a record was stored, on the monotonic clock. */
  stored(chain: string, runId: string, seq: number): void;
  /** Milliseconds from each record's put to the checkpoint that covers it, since this was asked last. */
  lags(): readonly number[];
  /** Waits until nothing is left to seal. */
  drained(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts sealing, look after look. */
export function sealerBeside(given: Omit<SealDeps, 'sealed'>): SealerBeside {
  const storedAt = new Map<string, number>();
  let lags: number[] = [];
  const sealed = watching(new MemorySealedStore(), (leaves) => {
    const now = performance.now();
    for (const name of leaves) {
      const at = storedAt.get(name);
      if (at !== undefined && storedAt.delete(name)) lags.push(now - at);
    }
  });
  let state: 'running' | 'stopping' = 'running';
  const isRunning = () => state === 'running';
  let last = Promise.resolve<unknown>(undefined);
  const working = (async () => {
    while (isRunning()) {
      last = seal({ ...given, sealed });
      await last;
      await pause(LOOK_EVERY_MS);
    }
  })();
  return {
    stored: (chain, runId, seq) => void storedAt.set(`${chain}#${runId}#${seq}`, performance.now()),
    lags: () => {
      const told = lags;
      lags = [];
      return told;
    },
    drained: async () => {
      while (storedAt.size > 0) await pause(LOOK_EVERY_MS);
      await last;
    },
    stop: async () => {
      state = 'stopping';
      await working;
    },
  };
}

/** Tells which leaves are covered once their checkpoint is stored. */
function watching(store: SealedStore, covered: (leaves: readonly string[]) => void): SealedStore {
  let decided: readonly string[] = [];
  return {
    get: (key) => store.get(key),
    versions: (prefix) => store.versions(prefix),
    put: async (key, bytes) => {
      const done = await store.put(key, bytes);
      if (key.startsWith('leaves/'))
        decided = (readLeafList(bytes)?.leaves ?? []).map(
          ({ chain, runId, seq }) => `${chain}#${runId}#${seq}`,
        );
      if (key.startsWith('checkpoint/')) covered(decided);
      return done;
    },
  };
}
