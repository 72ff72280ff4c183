import { setImmediate } from 'node:timers/promises';

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
  readonly run: () => void;
}

/** Timers by due time; equal times in the order they were scheduled. */
export class TimerQueue {
  #timers: Timer[] = [];

  add(at: number, run: () => void): Timer {
    const cancel = () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
    const timer: Timer = { at, run, cancel };
    const later = this.#timers.findIndex((other) => other.at > at);
    this.#timers.splice(later < 0 ? this.#timers.length : later, 0, timer);
    return timer;
  }

  /** Takes out the first timer that is due by `atMs`. */
  take(atMs: number): Timer | undefined {
    const [timer] = this.#timers;
    return timer && timer.at <= atMs ? this.#timers.shift() : undefined;
  }

  next(): Timer | undefined {
    return this.#timers[0];
  }

  clear(): void {
    this.#timers = [];
  }
}

/** Lets promises and I/O that are ready run; enough for work that stays in this process. */
export async function drain(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await setImmediate();
}

// setTimeout takes a signed 32-bit number of milliseconds; longer waits are armed again.
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** Real time plus an offset that {@link EngineClock.advance} moves forward; time never goes back. */
export class EngineClock implements Clock {
  /** The offset in milliseconds as one BigInt64, for threads that read the engine's time. */
  readonly shared = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT);
  private readonly queue = new TimerQueue();
  private readonly offset: BigInt64Array;
  private armed: NodeJS.Timeout | undefined;
  private armedFor = Infinity;
  private advancing: Promise<void> = Promise.resolve();

  /**
   * @param options.offsetMs where the clock stood when the engine was stopped
   * @param options.settle waits until work a timer started (an invocation, a request) is done; asked after each timer during `advance`
   */
  constructor(private readonly options: { offsetMs?: number; settle?: () => Promise<void> } = {}) {
    this.offset = new BigInt64Array(this.shared);
    this.moveBy(options.offsetMs ?? 0);
  }

  now(): number {
    return Date.now() + this.offsetMs();
  }

  offsetMs(): number {
    return Number(Atomics.load(this.offset, 0));
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
  async advance(ms: number): Promise<void> {
    if (!(ms >= 0))
      throw new RangeError(`advance: got ${ms}, want 0 or more milliseconds; time was not moved`);
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
      this.moveBy(timer.at - this.now());
      timer.run();
      this.arm();
      await drain();
      await this.options.settle?.();
    }
    this.moveBy(target - this.now());
    this.arm();
  }

  private moveBy(ms: number): void {
    if (ms > 0) Atomics.add(this.offset, 0, BigInt(Math.ceil(ms)));
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
