import { Broken } from '../ledger/verify-source';
import type { RunFilter } from '../ports/registry';
import type { LaterAnswer } from './answers';
import { batches } from './batches';
import { countRun } from './counted-run';
import type { QueryPorts } from './ports';
import { openedRun } from './recorded-run';
import { leavesFrom, SEALED_WITHIN_MS, type SealedRun } from './sealed-leaves';

/** Runs looked at in one answer, and at the same time. */
const MOST = 5_000;
const ABREAST = 32;

/**
 * Looks through what was sealed from a size on for runs that are meant and were sealed more than an hour after they were
 * opened: the census of their time has not met their leaves. Each first record is read, because it alone says when.
 */
export async function laterCensus(ports: QueryPorts, filter: RunFilter, from: number): Promise<LaterAnswer> {
  if (!ports.sealed) return { runs: [], wrong: [], next: null };
  try {
    const { runs, later } = await leavesFrom(ports.sealed, from, MOST);
    const looked = await batches([...runs], ABREAST, ([runId, leaves]) => look(ports, filter, runId, leaves));
    const found = looked.flatMap((each) => each ?? []);
    return {
      runs: found.flatMap((each) => ('openedAt' in each ? [each] : [])),
      wrong: found.flatMap((each) => ('openedAt' in each ? [] : [each.wrong])),
      next: later ?? null,
    };
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return { runs: [], wrong: [error.message], next: null };
  }
}

type Late = LaterAnswer['runs'][number] | { readonly wrong: string };

async function look(
  ports: QueryPorts,
  filter: RunFilter,
  runId: string,
  leaves: SealedRun,
): Promise<Late | undefined> {
  const { openedHash, from, sealedAt } = leaves;
  const opened = await openedRun(ports, runId, openedHash);
  if (opened.state === 'wrong') return { wrong: opened.why };
  const openedAt = opened.at;
  const { since, until } = filter;
  const outside = (since !== undefined && openedAt < since) || (until !== undefined && openedAt >= until);
  if (outside || Date.parse(sealedAt) - Date.parse(openedAt) <= SEALED_WITHIN_MS) return undefined;
  const counted = await countRun(ports, filter, { runId, row: undefined, leaves, marker: undefined });
  switch (counted.state) {
    case 'wrong':
      return { runId, openedAt, from, wrong: counted.why };
    case 'not meant':
      return undefined;
    case 'behind':
    case 'counted':
    case 'unread':
      return { runId, openedAt, from };
    default:
      return counted satisfies never;
  }
}
