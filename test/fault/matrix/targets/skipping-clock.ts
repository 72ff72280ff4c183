/** So far a server's clock may be behind, in milliseconds: real time moves both. */
const SLACK_MS = 100;

/** The clock of a server in another process: real time, and what the server was told to skip. */
export class SkippingClock {
  #skippedMs = 0;

  constructor(private readonly skip: (ms: number) => Promise<unknown>) {}

  now(): number {
    return Date.now() + this.#skippedMs;
  }

  /** Lets the server skip until it is no earlier there. */
  async reach(now: number): Promise<void> {
    const lag = Math.ceil(now - this.now());
    if (lag < SLACK_MS) return;
    this.#skippedMs += lag;
    await this.skip(lag);
  }
}
