import { outcomes } from '../evidence/record';
import type { RunQuery, RunSummary } from '../ports/registry';

/** Every state a summary can be in. */
export const summaryOutcomes = ['open', ...outcomes] as const satisfies readonly RunSummary['outcome'][];

/** Sorts summaries by time; the run id keeps apart what opened in the same millisecond. */
export function openedKey(summary: Pick<RunSummary, 'openedAt' | 'runId'>): string {
  return `${summary.openedAt}#${summary.runId}`;
}

/** UTC day a run opened on, such as 2026-03-01. */
export function dayOf(summary: Pick<RunSummary, 'openedAt'>): string {
  return summary.openedAt.slice(0, 10);
}

/** Summaries of a query, newest first. */
export function newest(summaries: readonly RunSummary[], query: RunQuery): readonly RunSummary[] {
  return summaries
    .filter(
      (summary) =>
        (query.identityId === undefined || summary.identityId === query.identityId) &&
        (query.outcome === undefined || summary.outcome === query.outcome) &&
        (query.since === undefined || summary.openedAt >= query.since),
    )
    .toSorted((a, b) => (openedKey(a) < openedKey(b) ? 1 : -1))
    .slice(0, query.limit);
}

/** A closed run never looks open again: an Open step that is delivered late must not undo what Close wrote. */
export function mayReplace(there: RunSummary | undefined, next: RunSummary): boolean {
  return there === undefined || there.outcome === 'open' || next.outcome !== 'open';
}
