import type { RunIndex, RunSummary, Summaries } from '../../../core/ports/registry';
import { marksOf } from '../../../core/registry/run-summary';
import { dayOf, openedKey } from '../../../core/registry/summary-order';
import type { Table } from '../dynamodb/table';
import { markKey, summaryKey } from './keys';
import { summaryRow } from './rows/summary';
import { foundRuns } from './run-index';

/** Run summaries, one by one. */
export function summaries(table: Table): Summaries {
  return {
    putSummary: (summary) => putSummary(table, summary),
    summary: async (runId) => {
      const item = await table.get(summaryKey(runId));
      return item && summaryRow(item);
    },
  };
}

/** All run summaries, found by index. */
export function runIndex(table: Table): RunIndex {
  return { runs: (query) => foundRuns(table, query) };
}

// `mayReplace` of core/registry/summary-order as a condition.
const stillOpen = { text: 'attribute_not_exists(#pk) OR #outcome = :open', values: { open: 'open' } };
const isThere = { text: 'attribute_exists(#pk)', values: {} };

/** Marks never change and come before the summary, so a summary that is there has all of its marks. */
async function putSummary(table: Table, summary: RunSummary): Promise<void> {
  const item = {
    ...summaryKey(summary.runId),
    ...summary,
    openedKey: openedKey(summary),
    day: dayOf(summary),
  };
  if (summary.outcome === 'open') {
    await putMarks(table, summary);
    await table.put(item, stillOpen);
  } else if ((await table.put(item, isThere)) === 'refused') {
    await putMarks(table, summary);
    await table.put(item);
  }
}

async function putMarks(table: Table, summary: RunSummary): Promise<void> {
  const marks = marksOf(summary).map((mark) =>
    table.put({ ...markKey(summary.runId, mark), runId: summary.runId, mark, openedKey: openedKey(summary) }),
  );
  await Promise.all(marks);
}
