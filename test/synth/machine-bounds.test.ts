import { runState } from '../../core/run/state';
import { allStates, levelOf, levelsIn, machinesOf } from '../../lib/security/definition';
import { historyBound } from '../../lib/security/history';
import { ANSWER_BYTES, stateBound } from '../../lib/security/state-size';
import { readApp } from '../../lib/security/template';
import { templatesOf, wholeApp } from '../support/whole-app';

const MOST_EVENTS = 500;
const MOST_BYTES = 4_096;

const app = readApp(templatesOf(wholeApp()));
const machines = machinesOf(app);

/** A machine, and what its Maps start as executions of their own. */
const histories = machines.flatMap(({ name, top }) => [
  { name, ...historyBound(top) },
  ...allStates(top).flatMap(([state, each]) =>
    levelsIn(each).map((level) => ({ name: `${name}/${state}`, ...historyBound(level) })),
  ),
]);
const sizes = machines.map((machine) => ({ name: machine.name, ...stateBound(app, machine) }));

it('no execution can write 500 events, whatever fails in it', () => {
  for (const { name, events } of histories) process.stdout.write(`${name}: at most ${events} events\n`);
  expect(histories.length).toBeGreaterThanOrEqual(7);
  expect(histories.filter(({ events }) => events >= MOST_EVENTS)).toEqual([]);
});

it('no execution goes round without a bound in its definition', () => {
  expect(histories.flatMap(({ unbounded }) => unbounded)).toEqual([]);
});

it('no piece of state reaches 4 KB', () => {
  for (const { name, bytes, at } of sizes) process.stdout.write(`${name}: at most ${bytes} bytes (${at})\n`);
  expect(sizes.filter(({ bytes }) => bytes >= MOST_BYTES)).toEqual([]);
});

it('the longest state of a run is no longer than the walk assumes', () => {
  const hash = 'f'.repeat(64);
  const uuid = '00000000-0000-0000-0000-000000000000';
  const time = '2026-11-22T00:00:00.000Z';
  const longest = runState.parse({
    runId: 'r'.repeat(96),
    kind: 'revocation',
    identityId: 'i'.repeat(64),
    route: `${'k'.repeat(41)}/${'n'.repeat(64)}`,
    network: 'n'.repeat(64),
    fence: Number.MAX_SAFE_INTEGER,
    seq: 9_999,
    prev: hash,
    proofSeq: 9_999,
    proofPrev: hash,
    approval: 'required',
    overlapSeconds: 604_800,
    requestedAt: time,
    actor: { type: 'breakGlass', id: 'a'.repeat(128), assurance: 'verified' },
    about: 'r'.repeat(96),
    candidate: uuid,
    superseded: uuid,
    remoteIds: { [uuid]: 'x'.repeat(256), [`${uuid}2`]: 'x'.repeat(256) },
    cut: time,
    cutFrom: time,
    confirmedAt: Number.MAX_SAFE_INTEGER,
    direction: 'contain',
    notBefore: time,
    round: 4,
    reissue: 'r'.repeat(80),
  });
  expect(JSON.stringify(longest).length).toBeLessThanOrEqual(ANSWER_BYTES);
});

describe('the walk of a definition', () => {
  const pass = { Type: 'Pass', Next: 'Loop' };

  it('counts every attempt of every retrier', () => {
    const retry = [{ ErrorEquals: ['A'], MaxAttempts: 2 }, { ErrorEquals: ['States.ALL'] }];
    const States = {
      Do: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Retry: retry, End: true },
    };
    expect(historyBound(levelOf({ StartAt: 'Do', States })).events).toBe(2 + 2 + 3 * (1 + 2 + 3));
  });

  it('goes round as often as a counter lets it', () => {
    const again = { Condition: '{% $round <= 3 %}', Next: 'Count' };
    const States = {
      Count: { Type: 'Pass', Assign: { round: '{% $round + 1 %}' }, Next: 'Loop' },
      Loop: { Type: 'Choice', Choices: [again], Default: 'Done' },
      Done: { Type: 'Succeed' },
    };
    expect(historyBound(levelOf({ StartAt: 'Count', States }))).toMatchObject({
      events: 2 + 3 * 4 + 2,
      unbounded: [],
    });
  });

  it('names the way round that nothing ends', () => {
    const States = {
      Begin: pass,
      Loop: { Type: 'Choice', Choices: [{ Condition: '{% $x %}', Next: 'Begin' }] },
    };
    expect(historyBound(levelOf({ StartAt: 'Begin', States })).unbounded).toEqual(['Begin → Loop']);
  });

  it('finds no bound where a Map runs inside its execution', () => {
    const ItemProcessor = { StartAt: 'Each', States: { Each: { Type: 'Pass', End: true } } };
    const States = { All: { Type: 'Map', ItemProcessor, End: true } };
    expect(historyBound(levelOf({ StartAt: 'All', States })).events).toBe(Number.POSITIVE_INFINITY);
  });
});
