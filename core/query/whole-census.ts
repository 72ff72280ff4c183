import type { RunFilter } from '../ports/registry';
import type { Census, CensusPart, LaterAnswer } from './answers';

/** What a census is made of, however it is asked for. */
export interface CensusCalls {
  census(filter: RunFilter): Promise<CensusPart>;
  later(filter: RunFilter, from: number): Promise<LaterAnswer>;
}

type Counted = Extract<CensusPart, { readonly ledger: number }>;

/** A part of the time, and what was counted in it. */
interface Part {
  readonly since: string | undefined;
  readonly until: string | undefined;
  readonly counted: Counted;
}

/**
 * The census of everything meant, in as many calls as it takes: a time with more runs than one call counts is divided, and
 * what was sealed long after the time is looked through to the end, so that nothing that matches was left out.
 */
export async function wholeCensus(calls: CensusCalls, filter: RunFilter): Promise<Census> {
  const parts: Part[] = [];
  const open: RunFilter[] = [filter];
  for (let next = open.pop(); next; next = open.pop()) {
    const taken = await calls.census(next);
    switch (taken.state) {
      case 'not taken':
        return taken;
      case 'too many': {
        const { since, until } = next;
        if (!isWithin(taken.at, next)) return tooMany(next);
        open.push({ ...next, ...(since !== undefined && { since }), until: taken.at });
        open.push({ ...next, since: taken.at, ...(until !== undefined && { until }) });
        break;
      }
      case 'matches':
      case 'differs':
        parts.push({ since: next.since, until: next.until, counted: taken });
        break;
      default:
        return taken satisfies never;
    }
  }
  return summed(parts, await lateOf(calls, filter, parts));
}

function isWithin(at: string, { since = '', until }: RunFilter): boolean {
  return at > since && (until === undefined || at < until);
}

function tooMany({ since = 'the beginning', until = 'now' }: RunFilter): Census {
  const why = `from ${since} to ${until} more runs were opened or sealed than one call counts, and that time cannot be divided`;
  return { state: 'not taken', why };
}

interface Late {
  /** Runs that a part counted as not sealed. */
  readonly sealed: number;
  readonly wrong: readonly string[];
}

/** What no part has met, because it was sealed long after its time. */
async function lateOf(calls: CensusCalls, filter: RunFilter, parts: readonly Part[]): Promise<Late> {
  const first = parts.flatMap(({ counted }) => counted.later ?? []).toSorted((a, b) => a - b)[0];
  const wrong: string[] = [];
  let sealed = 0;
  for (let from = first ?? null; from !== null;) {
    const answer = await calls.later(filter, from);
    const unmet = answer.runs.filter((run) => isUnmet(parts, run));
    sealed += unmet.filter((run) => run.wrong === undefined).length;
    wrong.push(...answer.wrong, ...unmet.flatMap((run) => run.wrong ?? []));
    from = answer.next;
  }
  return { sealed, wrong };
}

/** Whether the part of a run's time ended before the list that seals it. */
function isUnmet(parts: readonly Part[], run: LaterAnswer['runs'][number]): boolean {
  const part = parts.find(({ since, until }) => isOf(run.openedAt, since, until));
  return part?.counted.later !== undefined && run.from >= part.counted.later;
}

function isOf(at: string, since: string | undefined, until: string | undefined): boolean {
  return (since === undefined || at >= since) && (until === undefined || at < until);
}

function summed(parts: readonly Part[], late: Late): Census {
  const all = parts.map(({ counted }) => counted);
  const wrong = [...new Set([...all.flatMap((each) => each.wrong), ...late.wrong])];
  const waiting = sum(all.map((each) => each.waiting ?? 0));
  return {
    state: wrong.length === 0 ? 'matches' : 'differs',
    ledger: sum(all.map(({ ledger }) => ledger)),
    unsealed: sum(all.map(({ unsealed }) => unsealed)) - late.sealed,
    ...(waiting > 0 && { waiting }),
    index: sum(all.map(({ index }) => index)),
    wrong,
  };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, each) => total + each, 0);
}
