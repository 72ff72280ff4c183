import { drain, TimerQueue, type Clock, type Scheduled } from '../../apps/local/clock';

/** A clock without real time: it stands still until told to jump to the next timer. */
export class JumpClock implements Clock {
  private readonly queue = new TimerQueue();

  constructor(private time = Date.UTC(2026, 0, 1)) {}

  now(): number {
    return this.time;
  }

  schedule(atMs: number, run: () => void): Scheduled {
    return this.queue.add(atMs, run);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.schedule(this.time + ms, resolve));
  }

  /** Runs until no timer is left, jumping from timer to timer whenever nothing else can run. */
  async runUntilIdle(): Promise<void> {
    await drain();
    while (this.jump()) await drain();
  }

  /**
   * Runs until `work` has settled and gives its result.
   * @throws Error when no timer is left and `work` still waits, which would be forever.
   */
  async runUntil<T>(work: Promise<T>): Promise<T> {
    const progress = { settled: false };
    const watched = work.finally(() => (progress.settled = true));
    watched.catch(() => undefined);
    await drain();
    while (!progress.settled) {
      if (!this.jump())
        throw new Error('the clock has no timer left, but the work it was to finish still waits');
      await drain();
    }
    return watched;
  }

  private jump(): boolean {
    const timer = this.queue.take(Infinity);
    if (!timer) return false;
    this.time = Math.max(this.time, timer.at);
    timer.run();
    return true;
  }
}
