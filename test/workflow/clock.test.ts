import { EngineClock } from '../../apps/local/clock';
import { JumpClock } from '../support/jump-clock';

const HOUR_MS = 3_600_000;

describe('EngineClock', () => {
  it('advances through due timers in order, each seeing its own time, and shares the offset', async () => {
    const clock = new EngineClock();
    const seen: [string, number][] = [];
    const began = clock.now();
    const note = (name: string) => () => seen.push([name, Math.round((clock.now() - began) / HOUR_MS)]);
    clock.schedule(began + 3 * HOUR_MS, note('late'));
    clock.schedule(began + HOUR_MS, () => {
      note('early')();
      clock.schedule(began + 2 * HOUR_MS, note('started by early'));
    });
    clock.schedule(began + 2 * HOUR_MS, note('cancelled')).cancel();
    await clock.advance(4 * HOUR_MS);
    expect(seen).toEqual([
      ['early', 1],
      ['started by early', 2],
      ['late', 3],
    ]);
    expect(Number(new BigInt64Array(clock.shared)[0])).toBe(clock.offsetMs());
    clock.stop();
  });

  it('waits for the work a timer started before it moves on', async () => {
    const order: string[] = [];
    let working: Promise<void> = Promise.resolve();
    const clock = new EngineClock({ settle: () => working });
    const work = async (name: string): Promise<void> => {
      for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
      order.push(name);
    };
    clock.schedule(clock.now() + HOUR_MS, () => {
      working = work('first done');
    });
    clock.schedule(clock.now() + 2 * HOUR_MS, () => order.push('second begins'));
    await clock.advance(3 * HOUR_MS);
    expect(order).toEqual(['first done', 'second begins']);
    clock.stop();
  });

  it('runs a timer whose time has come, without being advanced', async () => {
    const clock = new EngineClock({ offsetMs: HOUR_MS });
    await clock.sleep(1);
    expect(clock.offsetMs()).toBe(HOUR_MS);
    clock.stop();
  });

  it('never goes back', async () => {
    await expect(new EngineClock().advance(-1)).rejects.toThrow('time was not moved');
  });
});

describe('JumpClock', () => {
  it('stands still until nothing else can run, then jumps', async () => {
    const clock = new JumpClock(0);
    await clock.runUntil(clock.sleep(5 * HOUR_MS));
    expect(clock.now()).toBe(5 * HOUR_MS);
  });

  it('says so when work waits for something that will never come', async () => {
    await expect(new JumpClock().runUntil(new Promise(() => undefined))).rejects.toThrow('no timer left');
  });
});
