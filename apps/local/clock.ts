/** The engine's time: everything that waits asks it, so that tests and people can move time forward. Milliseconds since the epoch. */
export interface Clock {
  now(): number;
  /** Calls `run` when the clock reaches `atMs`; at once (but never synchronously) when that is past. */
  schedule(atMs: number, run: () => void): Scheduled;
  sleep(ms: number): Promise<void>;
}

/** A pending call; cancelling one that already ran does nothing. */
export interface Scheduled {
  cancel(): void;
}

interface Timer extends Scheduled {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Timers by due time; equal times in the order they were scheduled. */
class TimerQueue {
  private readonly timers = new Set<Timer>();
  private order = 0;

  add(at: number, run: () => void): Timer {
    const timer: Timer = { at, order: this.order++, run, cancel: () => this.timers.delete(timer) };
    this.timers.add(timer);
    return timer;
  }

  /** Takes out the first timer that is due by `atMs`. */
  take(atMs: number): Timer | undefined {
    const timer = this.next();
    if (!timer || timer.at > atMs) return undefined;
    timer.cancel();
    return timer;
  }

  next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.timers) {
      if (!first || timer.at < first.at || (timer.at === first.at && timer.order < first.order))
        first = timer;
    }
    return first;
  }

  clear(): void {
    this.timers.clear();
  }
}

const macrotask = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Lets promises and I/O that are ready run; enough for work that stays in this process. */
async function drain(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await macrotask();
}

// setTimeout takes a signed 32-bit number of milliseconds; longer waits are armed again.
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** Real time plus an offset that {@link EngineClock.advance} moves forward; time never goes back. */
export class EngineClock implements Clock {
  private readonly queue = new TimerQueue();
  private readonly listeners = new Set<(offsetMs: number) => void>();
  private offset: number;
  private armed: NodeJS.Timeout | undefined;
  private armedFor = Infinity;
  private advancing: Promise<void> = Promise.resolve();

  /**
   * @param options.offsetMs where the clock stood when the engine was stopped
   * @param options.settle waits until work a timer started (an invocation, a request) is done; asked after each timer during `advance`
   */
  constructor(private readonly options: { offsetMs?: number; settle?: () => Promise<void> } = {}) {
    this.offset = options.offsetMs ?? 0;
  }

  now(): number {
    return Date.now() + this.offset;
  }

  offsetMs(): number {
    return this.offset;
  }

  /** Calls `listener` with each new offset; returns a function that ends this. */
  onAdvance(listener: (offsetMs: number) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  schedule(atMs: number, run: () => void): Scheduled {
    const timer = this.queue.add(atMs, run);
    if (atMs < this.armedFor) this.arm();
    return timer;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.schedule(this.now() + ms, resolve));
  }

  /** Moves time forward by `ms`, stopping at each timer on the way in order. Calls queue behind each other. */
  advance(ms: number): Promise<void> {
    if (!(ms >= 0))
      return Promise.reject(
        new RangeError(`advance: got ${ms}, want 0 or more milliseconds; time was not moved`),
      );
    this.advancing = this.advancing.catch(() => undefined).then(() => this.moveTo(this.now() + ms));
    return this.advancing;
  }

  /** Forgets every timer, so that nothing keeps the process alive. */
  stop(): void {
    this.queue.clear();
    clearTimeout(this.armed);
    // Nothing scheduled from here on is earlier than this, so nothing is armed again.
    this.armedFor = -Infinity;
  }

  private async moveTo(target: number): Promise<void> {
    for (let timer = this.queue.take(target); timer; timer = this.queue.take(target)) {
      this.moveOffset(timer.at);
      timer.run();
      this.arm();
      await drain();
      await this.options.settle?.();
    }
    this.moveOffset(target);
    this.arm();
  }

  private moveOffset(target: number): void {
    const forward = target - this.now();
    if (forward <= 0) return;
    this.offset += forward;
    for (const listener of this.listeners) listener(this.offset);
  }

  private arm(): void {
    clearTimeout(this.armed);
    const next = this.queue.next();
    this.armedFor = next?.at ?? Infinity;
    if (!next) return;
    const waitMs = Math.min(Math.max(next.at - this.now(), 0), LONGEST_TIMEOUT_MS);
    this.armed = setTimeout(() => this.fire(), waitMs);
  }

  private fire(): void {
    for (let timer = this.queue.take(this.now()); timer; timer = this.queue.take(this.now())) timer.run();
    this.arm();
  }
}

/** Pure clock for tests: stands still until told to jump to the next timer. */
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
