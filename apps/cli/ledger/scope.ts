import type { Scope } from '../../../core/ledger/bundle';
import { Exit } from '../exit';
import { momentOf } from '../moment';

/** Flags that say which part of the ledger is meant. */
export interface ScopeFlags {
  readonly runId: string | undefined;
  /** A date, a time, or how long ago, such as 7d. */
  readonly since: string | undefined;
  readonly until: string | undefined;
  readonly all?: true | undefined;
}

/** ISO time before any record. */
const EVER = '1970-01-01T00:00:00.000Z';

/**
 * The scope that flags name; undefined when they name none.
 * @param now epoch ms
 * @throws Exit usage when they name more than one
 */
export function scopeOf({ runId, since, until, all }: ScopeFlags, now: number): Scope | undefined {
  const period = since ?? until;
  if ([runId, period, all].filter((each) => each !== undefined).length > 1) {
    throw new Exit(
      'usage',
      'A run, --since or --until, and --all exclude each other: each says which records are meant. Nothing was read. Give one of them.',
    );
  }
  if (runId !== undefined) return { kind: 'run', runId };
  if (all) return { kind: 'ledger' };
  if (period === undefined) return undefined;
  return periodOf(
    since === undefined ? EVER : momentOf('--since', since, now),
    until === undefined ? new Date(now).toISOString() : momentOf('--until', until, now),
  );
}

function periodOf(since: string, until: string): Scope {
  if (since < until) return { kind: 'period', since, until };
  throw new Exit(
    'usage',
    `--until: got ${until}, want a time after --since, which is ${since}. Nothing was read.`,
  );
}
