import { Broken } from '../ledger/verify-source';
import type { Marker } from '../ports/ledger-index';
import type { RunFilter, RunSummary } from '../ports/registry';
import { summaryOf } from '../registry/run-summary';
import { isMeant, nextPage } from '../registry/summary-order';
import type { Census } from './answers';
import { batches } from './batches';
import type { QueryPorts } from './ports';
import { recordedRun } from './recorded-run';
import { rowDifference, rowName } from './row-difference';
import { sealedLeaves, type RunLeaves, type SealedLeaves } from './sealed-leaves';

/** More runs than this are not counted in one answer; a shorter period is. */
export const MOST_COUNTED = 10_000;
const PAGE = 1_000;
/** Runs looked at at the same time. */
const ABREAST = 32;

/** What is known of one run before its records are read. */
interface Known {
  readonly runId: string;
  readonly row: RunSummary | undefined;
  readonly leaves: RunLeaves | undefined;
  readonly marker: Marker | undefined;
}

/** What one run adds to the census. `behind`: its row is about to be there. */
type Counted =
  | { readonly state: 'not meant' }
  | { readonly state: 'counted' | 'behind' }
  | { readonly state: 'wrong'; readonly why: string };

/**
 * Counts an answer: the runs that the index gives against those that the sealed ledger and the markers of open runs know,
 * each by its own records. Neither a row that was removed or changed nor a record that was can hide in an answer that
 * matches, of what was sealed until `sealedUntil`. Whether the sealed lists themselves are genuine is what `verifyLedger` proves.
 */
export async function takeCensus(ports: QueryPorts, filter: RunFilter): Promise<Census> {
  if (!ports.sealed) return notTaken('the sealed ledger of this deployment is not named');
  const rows = await everyRow(ports, filter);
  let sealed: SealedLeaves;
  try {
    sealed = await sealedLeaves(ports.sealed, filter, MOST_COUNTED);
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return { state: 'differs', ledger: 0, unsealed: 0, index: rows.length, wrong: [error.message] };
  }
  const leaves = sealed.runs;
  if (Math.max(rows.length, leaves.size) > MOST_COUNTED)
    return notTaken(`more than ${MOST_COUNTED} runs were opened in that time; ask for a shorter one`);
  const markers = new Map((await ports.index.markers()).map((marker) => [marker.runId, marker]));
  const byId = new Map(rows.map((row) => [row.runId, row]));
  const ids = [...new Set([...leaves.keys(), ...markers.keys(), ...byId.keys()])];
  const counted = await batches(ids, ABREAST, async (runId) => {
    const known = { runId, row: byId.get(runId), leaves: leaves.get(runId), marker: markers.get(runId) };
    return { known, counted: await count(ports, filter, known) };
  });
  return censusOf(rows.length, counted, sealed.until);
}

function censusOf(
  index: number,
  all: readonly { readonly known: Known; readonly counted: Counted }[],
  sealedUntil: string | undefined,
): Census {
  const behind = all.filter(({ counted }) => counted.state === 'behind');
  const meant = all.filter(({ counted }) => counted.state === 'counted');
  const wrong = all.flatMap(({ counted }) => (counted.state === 'wrong' ? [counted.why] : []));
  if (wrong.length === 0 && behind.length > 0) {
    const some = behind.slice(0, 3).map(({ known }) => known.runId);
    const which = `${some.join(', ')}${behind.length > some.length ? ', …' : ''}`;
    return notTaken(`the index does not give ${behind.length} runs yet (${which}); ask again in a moment`);
  }
  const unsealed = meant.filter(({ known }) => !known.leaves).length;
  const state = wrong.length === 0 ? 'matches' : 'differs';
  const bound = sealedUntil !== undefined && { sealedUntil };
  return { state, ledger: meant.length + behind.length, unsealed, index, wrong, ...bound };
}

async function count(ports: QueryPorts, filter: RunFilter, known: Known): Promise<Counted> {
  const { runId, row, leaves, marker } = known;
  const recorded = await recordedRun(ports, runId, leaves);
  if (recorded.state === 'wrong') return recorded;
  if (recorded.state === 'absent')
    return row
      ? {
          state: 'wrong',
          why: `${rowName(runId)}: expected a run that has records, found none in the ledger`,
        }
      : { state: 'not meant' };
  const { opened } = recorded;
  // A run with work left in it may be about to write its row.
  const busy = marker?.state === 'open';
  const closed = busy && row?.outcome === 'open' ? undefined : recorded.closed;
  const facts = summaryOf(opened, closed);
  const difference = row && rowDifference(row, opened, closed);
  if (difference !== undefined) return { state: 'wrong', why: difference };
  if (row) return settledRow(row, facts, filter);
  if (!isMeant(facts, filter)) return { state: 'not meant' };
  if (busy) return { state: 'behind' };
  const there = await ports.registry.summary(runId);
  if (!there)
    return {
      state: 'wrong',
      why: `${rowName(runId)}: expected ${facts.outcome}, as its records say, found nothing`,
    };
  const changed = rowDifference(there, opened, closed);
  return changed === undefined ? { state: 'behind' } : { state: 'wrong', why: changed };
}

/** A row that the index gave, whose fields hold. It says `open` of a closed run only while somebody is at it. */
function settledRow(row: RunSummary, facts: RunSummary, filter: RunFilter): Counted {
  if (row.outcome === facts.outcome && isMeant(facts, filter)) return { state: 'counted' };
  const why = `${rowName(row.runId)}: expected ${facts.outcome}, as its records say, found ${row.outcome}`;
  return { state: 'wrong', why };
}

async function everyRow(
  { registry }: Pick<QueryPorts, 'registry'>,
  filter: RunFilter,
): Promise<readonly RunSummary[]> {
  const rows: RunSummary[] = [];
  let after: string | undefined;
  do {
    const page = await registry.runs({ ...filter, limit: PAGE, ...(after !== undefined && { after }) });
    rows.push(...page);
    after = nextPage(page, PAGE);
  } while (after !== undefined && rows.length <= MOST_COUNTED);
  return rows;
}

function notTaken(why: string): Census {
  return { state: 'not taken', why };
}
