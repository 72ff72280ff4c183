import { parseSchedule } from '../../apps/local/services/schedule-expression';

const start = Date.parse('2026-02-27T10:30:15Z');
const firesAt = (expression: string, times = 3): (string | undefined)[] => {
  const next = parseSchedule(expression, start);
  const fired: (string | undefined)[] = [];
  for (let at: number | undefined = start; fired.length < times && at !== undefined;) {
    at = next(at);
    fired.push(at === undefined ? undefined : new Date(at).toISOString());
  }
  return fired;
};

test.each([
  ['rate(5 minutes)', ['2026-02-27T10:35:15.000Z', '2026-02-27T10:40:15.000Z', '2026-02-27T10:45:15.000Z']],
  ['cron(0 3 * * ? *)', ['2026-02-28T03:00:00.000Z', '2026-03-01T03:00:00.000Z', '2026-03-02T03:00:00.000Z']],
  [
    'cron(0/20 10 ? * MON-FRI *)',
    ['2026-02-27T10:40:00.000Z', '2026-03-02T10:00:00.000Z', '2026-03-02T10:20:00.000Z'],
  ],
  ['cron(15 12 31 JAN,MAR ? 2026)', ['2026-03-31T12:15:00.000Z', undefined]],
  [
    'cron(0 9 ? * 2#1 *)',
    ['2026-03-02T09:00:00.000Z', '2026-04-06T09:00:00.000Z', '2026-05-04T09:00:00.000Z'],
  ],
  [
    'cron(0 3 L * ? 2026)',
    ['2026-02-28T03:00:00.000Z', '2026-03-31T03:00:00.000Z', '2026-04-30T03:00:00.000Z'],
  ],
  ['at(2026-03-01T00:00:00)', ['2026-03-01T00:00:00.000Z', undefined]],
])('%s fires at the times EventBridge Scheduler documents', (expression, expected) => {
  expect(firesAt(expression)).toEqual(expected);
});

test.each([
  ['rate(0 minutes)', /is not a rate/],
  ['rate(5 weeks)', /is not a rate/],
  ['cron(0 3 * *)', /7-part.*six fields/],
  ['cron(0 25 * * ? *)', /hour: 25/],
  ['cron(0 3 32 * ? *)', /for day/],
  ['every day', /has no known form/],
])('%s is refused with what is allowed', (expression, message) => {
  expect(() => parseSchedule(expression, start)).toThrow(message);
});
