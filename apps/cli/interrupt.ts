import { Exit } from './exit';

/** Ctrl-C, or a request to end, from the moment this is made. A second one ends the process at once. */
export class Interruption {
  readonly came: Promise<void>;

  constructor() {
    this.came = new Promise((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
    });
  }

  /** The work's result. @throws Exit interrupted when the interruption comes first; the work is left to itself */
  race<T>(work: Promise<T>): Promise<T> {
    // Nobody listens any more once the race is lost.
    work.catch(() => undefined);
    return Promise.race([
      work,
      this.came.then(() => {
        throw new Exit('interrupted', 'Interrupted. Everything that was started is being ended.');
      }),
    ]);
  }
}
