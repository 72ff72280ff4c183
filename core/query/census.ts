import { Broken } from '../ledger/verify-source';
import type { RunFilter, RunSummary } from '../ports/registry';
import { nextPage } from '../registry/summary-order';
import type { Census, CensusPart } from './answers';
import { batches } from './batches';
import { countRun, type Counted, type Known } from './counted-run';
import type { QueryPorts } from './ports';
import { sealedLeaves, type SealedLeaves } from './sealed-leaves';

/** More runs than this are not counted in one call; `wholeCensus` divides their time. */
export const MOST_COUNTED = 10_000;
/** Leaf lists of a time hold runs of before and after it, too. */
const MOST_SEALED = 6 * MOST_COUNTED;
const PAGE = 1_000;
/** Runs looked at at the same time. */
const ABREAST = 32;

/**
 * Counts an answer: the runs that the index gives against those that the sealed ledger and the markers of open runs know,
 * each by its own records. Neither a row that was removed or changed nor a record that was can hide in an answer that
 * matches, of what was sealed before `later`. Whether the sealed lists themselves are genuine is what `verifyLedger` proves.
 */
export async function takeCensus(ports: QueryPorts, filter: RunFilter): Promise<CensusPart> {
  if (!ports.sealed) return notTaken('the sealed ledger of this deployment is not named');
  const rows = await everyRow(ports, filter);
  let sealed: SealedLeaves;
  try {
    sealed = await sealedLeaves(ports.sealed, filter, MOST_SEALED);
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return { state: 'differs', ledger: 0, unsealed: 0, index: rows.length, wrong: [error.message] };
  }
  const { runs: leaves, later } = sealed;
  if (rows.length > MOST_COUNTED || leaves.size > MOST_SEALED)
    return { state: 'too many', at: divideAt(rows, leaves) };
  const markers = new Map((await ports.index.markers()).map((marker) => [marker.runId, marker]));
  const byId = new Map(rows.map((row) => [row.runId, row]));
  const ids = [...new Set([...leaves.keys(), ...markers.keys(), ...byId.keys()])];
  const counted = await batches(ids, ABREAST, async (runId) => {
    const known = { runId, row: byId.get(runId), leaves: leaves.get(runId), marker: markers.get(runId) };
    return { known, counted: await countRun(ports, filter, known) };
  });
  const census = censusOf(rows.length, counted);
  return census.state === 'not taken' || later === undefined ? census : { ...census, later };
}

/** The middle of what was found. */
function divideAt(rows: readonly RunSummary[], leaves: SealedLeaves['runs']): string {
  const sealedAt = [...leaves.values()].map((each) => each.sealedAt);
  const times = rows.length > MOST_COUNTED ? rows.map(({ openedAt }) => openedAt) : sealedAt;
  return times.toSorted()[Math.floor(times.length / 2)] ?? '';
}

function censusOf(
  index: number,
  all: readonly { readonly known: Known; readonly counted: Counted }[],
): Census {
  const behind = all.filter(({ counted }) => counted.state === 'behind');
  const meant = all.filter(({ counted }) => counted.state === 'counted');
  const wrong = all.flatMap(({ counted }) => (counted.state === 'wrong' ? [counted.why] : []));
  if (wrong.length === 0 && behind.length > 0) {
    const which = some(behind.map(({ known }) => known.runId));
    return notTaken(`the index does not give ${behind.length} runs yet (${which}); ask again in a moment`);
  }
  const unread = all.filter(({ counted }) => counted.state === 'unread').map(({ known }) => known.runId);
  if (wrong.length === 0 && unread.length > 0)
    return notTaken(`whether records of ${some(unread)} wait in the spill could not be read`);
  const unsealed = meant.filter(({ known }) => !known.leaves).length;
  const state = wrong.length === 0 ? 'matches' : 'differs';
  const waiting = meant.filter(
    ({ counted }) => counted.state === 'counted' && counted.evidence === 'waiting',
  );
  const late = waiting.length > 0 && { waiting: waiting.length };
  return { state, ledger: meant.length + behind.length, unsealed, ...late, index, wrong };
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

/** A few of many ids. */
function some(ids: readonly string[]): string {
  return `${ids.slice(0, 3).join(', ')}${ids.length > 3 ? ', …' : ''}`;
}

function notTaken(why: string): Extract<Census, { state: 'not taken' }> {
  return { state: 'not taken', why };
}
