import { setImmediate, setTimeout } from 'node:timers/promises';

const QUIET_TURNS = 8;
const LONGEST_WAIT_MS = 15_000;

/** Counts work in progress (calls, invocations), so that time is only moved forward between pieces of work. */
export class Activity {
  #running = 0;
  #wake: (() => void) | undefined;

  /** Marks the start of a piece of work. @returns a function that marks its end */
  begin(): () => void {
    this.#running += 1;
    return () => {
      this.#running -= 1;
      if (this.#running === 0) this.#wake?.();
    };
  }

  /**
   * Waits until nothing is running and nothing follows from it.
   * Gives up after 15 seconds of real time, so that work that never ends can meet its timeout.
   */
  async quiet(): Promise<void> {
    const giveUp = Date.now() + LONGEST_WAIT_MS;
    for (let turns = 0; turns < QUIET_TURNS && Date.now() < giveUp; turns += 1) {
      await setImmediate();
      if (this.#running === 0) continue;
      turns = -1;
      const ended = new AbortController();
      this.#wake = () => ended.abort();
      await setTimeout(giveUp - Date.now(), undefined, ended).catch(() => undefined);
    }
  }
}
