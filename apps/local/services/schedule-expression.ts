/** When a schedule fires next, strictly after a time; `undefined` when never again. */
export type NextFire = (afterMs: number) => number | undefined;

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const DAY_MS = 86_400_000;
const LONGEST_SEARCH_DAYS = 366 * 5;
const NAMES: Readonly<Record<string, readonly string[]>> = {
  month: ['', 'JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
  weekday: ['', 'SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'],
};

const refuse = (expression: string, why: string): never => {
  throw new Error(
    `schedule expression ${expression}: ${why}; want rate(...), cron(...) with * ? , - / or at(...) in UTC`,
  );
};

interface Field {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}
const FIELDS = [
  { name: 'minute', from: 0, to: 59 },
  { name: 'hour', from: 0, to: 23 },
  { name: 'day', from: 1, to: 31 },
  { name: 'month', from: 1, to: 12 },
  { name: 'weekday', from: 1, to: 7 },
  { name: 'year', from: 1970, to: 2199 },
] as const;

function numberOf(text: string, field: Field, expression: string): number {
  const named = NAMES[field.name]?.indexOf(text.toUpperCase()) ?? -1;
  const value = named > 0 ? named : Number(text);
  if (Number.isInteger(value) && value >= field.from && value <= field.to) return value;
  return refuse(expression, `${field.name} is ${text}, allowed are ${field.from} to ${field.to}`);
}

function valuesOf(text: string, field: Field, expression: string): ReadonlySet<number> {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const [range = '', step] = part.split('/');
    const [low = '', high] = range.split('-');
    const any = range === '*' || range === '?';
    const from = any ? field.from : numberOf(low, field, expression);
    const single = high === undefined && step === undefined && !any;
    const to = high === undefined ? (single ? from : field.to) : numberOf(high, field, expression);
    for (let value = from; value <= to; value += Number(step ?? 1)) values.add(value);
  }
  return values;
}

function cron(expression: string, body: string): NextFire {
  const texts = body.trim().split(/\s+/);
  if (texts.length !== FIELDS.length)
    return refuse(expression, `has ${texts.length} fields, cron has ${FIELDS.length}`);
  const sets = FIELDS.map((field, at) => valuesOf(texts[at] ?? '*', field, expression));
  const [minutes, hours, days, months, weekdays, years] = sets;
  const dayFits = (day: Date) =>
    days?.has(day.getUTCDate()) &&
    months?.has(day.getUTCMonth() + 1) &&
    weekdays?.has(day.getUTCDay() + 1) &&
    years?.has(day.getUTCFullYear());
  const offsets = [...(hours ?? [])]
    .flatMap((hour) => [...(minutes ?? [])].map((minute) => (hour * 60 + minute) * 60_000))
    .toSorted((a, b) => a - b);
  return (afterMs) => {
    const today = Math.floor(afterMs / DAY_MS) * DAY_MS;
    for (let day = today; day < today + LONGEST_SEARCH_DAYS * DAY_MS; day += DAY_MS) {
      if (!dayFits(new Date(day))) continue;
      const offset = offsets.find((each) => day + each > afterMs);
      if (offset !== undefined) return day + offset;
    }
    return undefined;
  };
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
      return cron(expression, body);
    case 'at': {
      const at = Date.parse(`${body}Z`);
      if (Number.isNaN(at)) return refuse(expression, 'is not a time');
      return (afterMs) => (at > afterMs ? at : undefined);
    }
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
