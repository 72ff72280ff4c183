import { Tally } from '../../examples/consumers/postgres-worker/tally';

describe('the tally of the example worker', () => {
  let now = 0;
  let tally: Tally;

  beforeEach(() => {
    now = 0;
    tally = new Tally(() => now);
  });

  const call = (lane: string, lastsMs: number, code?: string) =>
    tally.count(lane, () => {
      now += lastsMs;
      return code === undefined
        ? Promise.resolve()
        : Promise.reject(Object.assign(new Error(code), { code }));
    });

  it('measures a failing stretch from its first failed call to the end of the next good one', async () => {
    await call('login', 10, '28P01');
    await call('login', 10, '28P01');
    await call('login', 5);
    await call('login', 3, 'ECONNREFUSED');
    await call('login', 3);
    expect(tally.totals()).toEqual({
      calls: 5,
      failedCalls: 3,
      longestFailureMs: 25,
      failures: { '28P01': 2, ECONNREFUSED: 1 },
    });
  });

  it('does not end a stretch of one lane with a good call of another', async () => {
    await call('login', 10, '28P01');
    await call('query', 10);
    await call('login', 10);
    expect(tally.totals().longestFailureMs).toBe(30);
  });

  it('counts a stretch that still fails up to now', async () => {
    await call('login', 10, '28P01');
    now += 90;
    expect(tally.totals().longestFailureMs).toBe(100);
  });
});
