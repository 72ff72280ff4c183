import type { Registry, RunQuery, RunSummary } from '../../../core/ports/registry';
import type { RegistryIndex } from '../../../core/ports/tables';
import { dayOf, newest, openedKey, summaryOutcomes } from '../../../core/registry/summary-order';
import type { Table } from '../dynamodb/table';
import { summaryKey } from './keys';
import { summaryRow } from './rows';

type Summaries = Pick<Registry, 'putSummary' | 'summary' | 'runs'>;

/** Run summaries, found by index. */
export function summaries(table: Table): Summaries {
  return {
    putSummary: async (summary) => {
      const item = {
        ...summaryKey(summary.runId),
        ...summary,
        openedKey: openedKey(summary),
        day: dayOf(summary),
      };
      await table.put(item, summary.outcome === 'open' ? stillOpen : undefined);
    },
    summary: async (runId) => {
      const item = await table.get(summaryKey(runId));
      return item && summaryRow(item);
    },
    runs: (query) => runs(table, query),
  };
}

// `mayReplace` of core/registry/summary-order as a condition.
const stillOpen = { text: 'attribute_not_exists(#pk) OR #outcome = :open', values: { open: 'open' } };

async function runs(table: Table, query: RunQuery): Promise<readonly RunSummary[]> {
  const ask = (index: RegistryIndex, attribute: string, value: string) =>
    ofIndex(table, index, attribute, value, query);
  if (query.identityId !== undefined) return ask('by-identity', 'identityId', query.identityId);
  if (query.outcome !== undefined) return ask('by-outcome', 'outcome', query.outcome);
  const each = await Promise.all(summaryOutcomes.map((outcome) => ask('by-outcome', 'outcome', outcome)));
  return newest(each.flat(), query);
}

async function ofIndex(
  table: Table,
  index: RegistryIndex,
  attribute: string,
  value: string,
  query: RunQuery,
): Promise<readonly RunSummary[]> {
  const since = query.since === undefined ? '' : ' AND #openedKey >= :since';
  const key = { text: `#${attribute} = :value${since}`, values: { value, since: query.since } };
  const filter = filterOf(attribute, query);
  const items = await table.query({ index, key, order: 'descending', limit: query.limit, ...filter });
  return items.map(summaryRow);
}

function filterOf(attribute: string, { outcome }: RunQuery) {
  if (outcome === undefined || attribute === 'outcome') return {};
  return { filter: { text: '#outcome = :outcome', values: { outcome } } };
}
