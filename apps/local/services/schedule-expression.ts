import { Cron } from 'croner';

/** When a schedule fires next, strictly after a time; `undefined` when never again. */
export type NextFire = (afterMs: number) => number | undefined;

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

const refuse = (expression: string, why: string): never => {
  throw new Error(
    `schedule expression ${expression}: ${why}; want rate(...), cron(...) of six fields or at(...) in UTC`,
  );
};

/** EventBridge's weekdays start with Sunday = 1, and a start with a step (`0/20`) stands for the rest of its range. */
const AS_EVENTBRIDGE = {
  mode: '7-part',
  timezone: 'UTC',
  alternativeWeekdays: true,
  sloppyRanges: true,
} as const;

function planned(expression: string, pattern: string): NextFire {
  try {
    const parsed = new Cron(pattern, AS_EVENTBRIDGE);
    return (afterMs) => parsed.nextRun(new Date(afterMs))?.getTime();
  } catch (error) {
    return refuse(expression, error instanceof Error ? error.message : String(error));
  }
}

/**
 * Reads a schedule expression of EventBridge Scheduler. A rate fires first one interval after `startMs`.
 * @throws Error with the expression and what is allowed
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
export function parseSchedule(expression: string, startMs: number): NextFire {
  const [, kind, body = ''] = /^(rate|cron|at)\((.+)\)$/.exec(expression.trim()) ?? [];
  switch (kind) {
    case 'cron':
      return planned(expression, `0 ${body}`);
    case 'at':
      return planned(expression, body);
    case 'rate': {
      const [, count, unit = ''] = /^(\d+) (minute|hour|day)s?$/.exec(body) ?? [];
      const every = Number(count) * (UNIT_MS[unit] ?? 0);
      if (!every) return refuse(expression, 'is not a rate');
      return (afterMs) => startMs + (Math.floor((afterMs - startMs) / every) + 1) * every;
    }
    default:
      return refuse(expression, 'has no known form');
  }
}
