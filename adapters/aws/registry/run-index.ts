import * as z from 'zod/mini';
import type { RunQuery, RunSummary } from '../../../core/ports/registry';
import { registryKeys, type RegistryIndex } from '../../../core/ports/tables';
import { controlMark, GLASS_MARK } from '../../../core/registry/run-summary';
import { isMeant, newest, openedKey, summaryOutcomes } from '../../../core/registry/summary-order';
import type { Item } from '../dynamodb/attributes';
import { readAll } from '../dynamodb/batch';
import type { Table } from '../dynamodb/table';
import { summaryKey } from './keys';
import { summaryRow } from './rows/summary';

/** One partition of one index: what a query reads from, newest first. */
interface Partition {
  readonly index: RegistryIndex;
  readonly attribute: string;
  readonly value: string;
}

const indexed = z.object({ pk: z.string(), openedKey: z.string() });
const DAY_MS = 86_400_000;
/** A period of more days is looked up by outcome, of which there are fewer. */
const MOST_DAYS = 92;

/** Runs of a query, newest first. Each page reads a range of an index; no query ever reads the table through. */
export async function foundRuns(table: Table, query: RunQuery): Promise<readonly RunSummary[]> {
  const partition = partitionOf(query);
  if (partition) return ofPartition(table, partition, query);
  const days = daysOf(query);
  if (days) return dayByDay(table, days, query);
  const outcomes = summaryOutcomes.map((value) => ({
    index: 'by-outcome' as const,
    attribute: 'outcome',
    value,
  }));
  return newest((await Promise.all(outcomes.map((each) => ofPartition(table, each, query)))).flat(), query);
}

/** The one partition that holds everything meant: the narrowest comes first. */
function partitionOf(query: RunQuery): Partition | undefined {
  const { identityId, glass, actor, control, owner, outcome } = query;
  if (identityId !== undefined) return { index: 'by-identity', attribute: 'identityId', value: identityId };
  if (glass !== undefined) return { index: 'by-mark', attribute: 'mark', value: GLASS_MARK };
  if (actor !== undefined) return { index: 'by-actor', attribute: 'actor', value: actor };
  if (owner !== undefined) return { index: 'by-owner', attribute: 'owner', value: owner };
  if (control !== undefined) return { index: 'by-mark', attribute: 'mark', value: controlMark(control) };
  if (outcome !== undefined) return { index: 'by-outcome', attribute: 'outcome', value: outcome };
  return undefined;
}

/** The days of a period, newest first; undefined when it has no end or too many. */
function daysOf({ since, until, after }: RunQuery): readonly string[] | undefined {
  if (since === undefined || until === undefined) return undefined;
  const first = Date.parse(`${since.slice(0, 10)}T00:00:00.000Z`);
  const last = Date.parse(`${(after ?? until).slice(0, 10)}T00:00:00.000Z`);
  const count = (last - first) / DAY_MS + 1;
  if (count > MOST_DAYS) return undefined;
  return Array.from({ length: Math.max(0, count) }, (_, at) =>
    new Date(last - at * DAY_MS).toISOString().slice(0, 10),
  );
}

async function dayByDay(
  table: Table,
  days: readonly string[],
  query: RunQuery,
): Promise<readonly RunSummary[]> {
  const found: RunSummary[] = [];
  for (const value of days) {
    if (found.length === query.limit) break;
    const partition = { index: 'by-day', attribute: 'day', value } as const;
    found.push(...(await ofPartition(table, partition, { ...query, limit: query.limit - found.length })));
  }
  return found;
}

/** Reads on until the page is full: what the index's own key does not say is looked at here. */
async function ofPartition(
  table: Table,
  partition: Partition,
  query: RunQuery,
): Promise<readonly RunSummary[]> {
  const found: RunSummary[] = [];
  let { after } = query;
  // No run id sorts before an empty one, so a time alone stands before every run that opened then.
  const first = query.since ?? '0';
  while (first <= (after ?? query.until ?? '9')) {
    const last = after ?? query.until ?? '9';
    const wanted = query.limit - found.length;
    // A range includes its end, which is the last run of the page before.
    const asked = after === undefined ? wanted : wanted + 1;
    const items = await table.query({
      index: partition.index,
      key: {
        text: `#${partition.attribute} = :value AND #openedKey BETWEEN :first AND :last`,
        values: { value: partition.value, first, last },
      },
      order: 'descending',
      limit: asked,
    });
    const fresh = items.filter((item) => indexed.parse(item).openedKey !== after);
    found.push(...(await rowsOf(table, partition, fresh)).filter((row) => isMeant(row, query)));
    const end = fresh.at(-1);
    if (found.length >= query.limit || items.length < asked || !end) break;
    after = indexed.parse(end).openedKey;
  }
  return found.slice(0, query.limit);
}

/** Marks say which runs; a consistent read of the table says what they are. */
async function rowsOf(
  table: Table,
  { index }: Partition,
  items: readonly Item[],
): Promise<readonly RunSummary[]> {
  if (index !== 'by-mark') return items.map(summaryRow);
  const ids = items.map((item) => indexed.parse(item).pk.slice(registryKeys.run.length));
  const rows = (await readAll(table, ids.map(summaryKey))).map(summaryRow);
  return rows.toSorted((a, b) => (openedKey(a) < openedKey(b) ? 1 : -1));
}
