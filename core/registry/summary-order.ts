import { outcomes } from '../evidence/run-kinds';
import type { RunFilter, RunQuery, RunSummary } from '../ports/registry';

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

/** Whether a run is meant. */
export function isMeant(summary: RunSummary, filter: RunFilter): boolean {
  const { identityId, owner, control, actor, glass, outcome, since, until } = filter;
  return (
    same(identityId, summary.identityId) &&
    same(owner, summary.owner) &&
    same(actor, summary.actor) &&
    same(glass, summary.glass) &&
    same(outcome, summary.outcome) &&
    (control === undefined || summary.controls.includes(control)) &&
    (since === undefined || summary.openedAt >= since) &&
    (until === undefined || summary.openedAt < until)
  );
}

function same(wanted: string | undefined, found: string | undefined): boolean {
  return wanted === undefined || wanted === found;
}

/** Summaries of a query, newest first. */
export function newest(summaries: readonly RunSummary[], query: RunQuery): readonly RunSummary[] {
  const { after } = query;
  return summaries
    .filter((summary) => isMeant(summary, query) && (after === undefined || openedKey(summary) < after))
    .toSorted((a, b) => (openedKey(a) < openedKey(b) ? 1 : -1))
    .slice(0, query.limit);
}

/** Where the next page begins; undefined when this one was not full, and so is the last. */
export function nextPage(page: readonly RunSummary[], limit: number): string | undefined {
  const last = page.at(-1);
  return last === undefined || page.length < limit ? undefined : openedKey(last);
}

/** A closed run never looks open again: an Open step that is delivered late must not undo what Close wrote. */
export function mayReplace(there: RunSummary | undefined, next: RunSummary): boolean {
  return there === undefined || there.outcome === 'open' || next.outcome !== 'open';
}
