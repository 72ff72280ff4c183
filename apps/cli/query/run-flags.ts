import { outcomes } from '../../../core/evidence/run-kinds';
import type { RunFilter, RunQuery } from '../../../core/ports/registry';
import { Exit } from '../exit';
import { momentOf } from '../moment';

/** Flags that say which runs are meant, and which page of them. */
export interface RunFlags {
  readonly identity?: string;
  readonly owner?: string;
  readonly control?: string;
  readonly actor?: string;
  readonly breakGlass?: true;
  readonly outcome?: string;
  /** A date, a time, or how long ago, such as 7d. */
  readonly since?: string;
  readonly until?: string;
  readonly after?: string;
  readonly limit: string;
}

const MOST = 1_000;
const allowed = ['open', ...outcomes] as const;
const CURSOR = /^\d{4}-\d\d-\d\dT[\d:.]+Z#[\w-]+$/;

/**
 * What flags ask for.
 * @param now epoch ms
 * @throws Exit usage naming the flag, what was given and what is allowed
 */
export function queryOf(flags: RunFlags, now: number): RunQuery {
  const { after } = flags;
  if (after !== undefined && !CURSOR.test(after))
    throw wrong('--after', after, 'the cursor that an answer gave as next');
  return { ...filterOf(flags, now), ...(after !== undefined && { after }), limit: limitOf(flags.limit) };
}

function filterOf(flags: RunFlags, now: number): RunFilter {
  const { identity, owner, control, actor, breakGlass, outcome } = flags;
  const since = flags.since === undefined ? undefined : momentOf('--since', flags.since, now);
  const until = flags.until === undefined ? undefined : momentOf('--until', flags.until, now);
  if (since !== undefined && until !== undefined && until <= since)
    throw wrong('--until', until, `a time after --since, which is ${since}`);
  return {
    ...(identity !== undefined && { identityId: identity }),
    ...(owner !== undefined && { owner }),
    ...(control !== undefined && { control }),
    ...(actor !== undefined && { actor }),
    ...(breakGlass && { glass: 'broken' }),
    ...(outcome !== undefined && { outcome: outcomeOf(outcome) }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  };
}

function limitOf(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST) return limit;
  throw wrong('--limit', text, `a whole number from 1 to ${MOST}`);
}

function outcomeOf(text: string): NonNullable<RunFilter['outcome']> {
  const found = allowed.find((each) => each === text);
  if (found !== undefined) return found;
  throw wrong('--outcome', text, `one of ${[...outcomes, 'open'].join(', ')}`);
}

function wrong(flag: string, given: string, want: string): Exit {
  return new Exit('usage', `${flag}: got ${JSON.stringify(given)}, want ${want}. Nothing was read.`);
}
