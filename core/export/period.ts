import type { ExportedRun } from './exported-run';

/** How runs are put into reporting periods; months and quarters of the calendar, in UTC. */
export type PeriodLength = 'whole' | 'month' | 'quarter';

/** A reporting period and the runs that were opened in it. Times are ISO 8601; `end` is not in it any more. */
export interface Period {
  readonly title: string;
  readonly start: string;
  readonly end: string;
  readonly runs: readonly ExportedRun[];
}

/** Where an export's time begins and ends. */
export interface Span {
  readonly start: string;
  readonly end: string;
}

/** Splits a span into periods, those without a run too: a period in which nothing ran is an answer. */
export function periodsOf(runs: readonly ExportedRun[], span: Span, length: PeriodLength): readonly Period[] {
  const bounds = [span.start, ...boundsWithin(span, length), span.end];
  return bounds.slice(1).map((end, index) => {
    const start = bounds[index] ?? span.start;
    const last = index === bounds.length - 2;
    return {
      title: `${start} to ${end}`,
      start,
      end,
      runs: runs.filter((run) => {
        const at = openedAt(run, span.start);
        // A run outside of every other period, or without a readable time, is in the first or the last one.
        return (at >= start || index === 0) && (at < end || last);
      }),
    };
  });
}

function openedAt({ opened }: ExportedRun, otherwise: string): string {
  return opened?.at ?? otherwise;
}

function boundsWithin({ start, end }: Span, length: PeriodLength): readonly string[] {
  if (length === 'whole') return [];
  const months = length === 'month' ? 1 : 3;
  const from = new Date(start);
  const first = Math.floor(from.getUTCMonth() / months) * months;
  const bounds: string[] = [];
  for (let month = first + months; ; month += months) {
    const bound = new Date(Date.UTC(from.getUTCFullYear(), month, 1)).toISOString();
    if (bound >= end) return bounds;
    bounds.push(bound);
  }
}
