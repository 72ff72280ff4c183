import type { Sealable } from '../evidence/chain';
import type { Chain } from '../evidence/record';
import { followedBy, isStoreDown } from '../evidence/spilling';
import type { QueryPorts } from './ports';

/** What an emergency kept of a run in the spill. Records that were set aside are no part of the run. */
export interface LateRecords {
  readonly records: readonly Sealable[];
  /** How many of them are not in the evidence table yet; `unknown` where the spill is not named or cannot be read. */
  readonly waiting: number | 'unknown';
}

/** Of a run of which nothing can wait. */
export const NOTHING_LATE: LateRecords = { records: [], waiting: 0 };

/** Looks up what of a run was kept in the spill. */
export async function lateRecords({ spill }: Pick<QueryPorts, 'spill'>, runId: string): Promise<LateRecords> {
  if (!spill) return { records: [], waiting: 'unknown' };
  try {
    const kept = (await spill.of(runId)).filter(({ state }) => state !== 'aside');
    const waiting = kept.filter(({ state }) => state === 'waiting').length;
    return { records: kept.map(({ record }) => record), waiting };
  } catch (error) {
    if (!isStoreDown(error)) throw error;
    return { records: [], waiting: 'unknown' };
  }
}

/**
 * The end of a chain in the table, and behind it what was kept: what was delivered between two looks is in both.
 * @param stored the chain, or its last records
 */
export function withLate(
  chain: Chain,
  stored: readonly Sealable[],
  { records }: LateRecords,
): readonly Sealable[] {
  const own = records.filter((record) => record.chain === chain).toSorted((a, b) => a.seq - b.seq);
  return followedBy(stored, own, 0);
}
