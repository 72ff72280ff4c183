import { append, type Appended, type Entry } from '../../../core/evidence/append';
import type { Stamp } from '../../../core/evidence/chain';
import type { Degraded, Statement } from '../../../core/evidence/record';
import { isStoreDown, SpillingEvidence } from '../../../core/evidence/spilling';
import type { Deps } from '../deps';

type Closed = Extract<Statement, { type: 'RunClosed' }>;

/** A run's last record, as it is about to be written. */
export type Last = Omit<Entry, 'chain' | 'statement'> & { readonly statement: Closed };

/**
 * Appends the terminal record of a run. Of an emergency it says EVIDENCE_DEGRADED when a record of the run, or this one,
 * could not be written to the table when it was made.
 */
export async function appendTerminal(
  { evidence }: Pick<Deps, 'evidence'>,
  stamp: Stamp,
  last: Last,
): Promise<Appended> {
  const entry = { ...last, chain: 'RUN' } as const;
  if (!(evidence instanceof SpillingEvidence)) return append(evidence, stamp, entry);
  const kept = await evidence.keptOf(stamp.runId);
  if (kept.every(({ state }) => state !== 'waiting')) {
    try {
      return await append(evidence.table, stamp, saying(entry, kept.length));
    } catch (error) {
      if (!isStoreDown(error)) throw error;
      evidence.giveUpTable();
    }
  }
  return append(evidence, stamp, saying(entry, kept.length + 1));
}

function saying<E extends { readonly statement: Closed }>(entry: E, spilled: number): E {
  if (spilled === 0) return entry;
  const degraded: Degraded = { code: 'EVIDENCE_DEGRADED', spilled };
  return { ...entry, statement: { ...entry.statement, degraded } };
}

/** How many records of a run wait in the spill. */
export async function waitingOf({ evidence }: Pick<Deps, 'evidence'>, runId: string): Promise<number> {
  if (!(evidence instanceof SpillingEvidence)) return 0;
  return (await evidence.keptOf(runId)).filter(({ state }) => state === 'waiting').length;
}
