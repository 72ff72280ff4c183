import type { EvidenceStore } from '../../core/ports/evidence-store';
import { parseRecord } from '../../core/evidence/record';

/** One record of a run, by its stage and type, such as `Mint ChangeMade`; the first of that name. */
export interface Moment {
  readonly runId: string;
  readonly record: string;
  readonly side: 'before' | 'after';
}

/** A store at which something happens when one record is written; the worker that writes it waits for that. */
export function meeting(store: EvidenceStore, moment: Moment, act: () => Promise<unknown>): EvidenceStore {
  let met = false;
  return {
    put: async (sealed) => {
      const { stage, type } = parseRecord(sealed.body);
      const here = !met && sealed.runId === moment.runId && `${stage} ${type}` === moment.record;
      met ||= here;
      if (here && moment.side === 'before') await act();
      const done = await store.put(sealed);
      if (here && moment.side === 'after') await act();
      return done;
    },
    get: async (chain, runId, seq) => store.get(chain, runId, seq),
    last: async (chain, runId) => store.last(chain, runId),
    read: async (chain, runId) => store.read(chain, runId),
  };
}
