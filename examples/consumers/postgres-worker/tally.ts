/** What the worker counted since it started. */
export interface Totals {
  readonly calls: number;
  readonly failedCalls: number;
  readonly longestFailureMs: number;
  /** Failed calls by SQLSTATE or network error code. */
  readonly failures: Readonly<Record<string, number>>;
}

/**
 * Counts calls. A failing stretch runs from the start of a lane's first failed call to the end of its next good one:
 * by lane, because queries on open sessions go on while new logins are refused.
 */
export class Tally {
  #calls = 0;
  #failedCalls = 0;
  #longestFailureMs = 0;
  readonly #failures = new Map<string, number>();
  readonly #failingSince = new Map<string, number>();
  readonly #now: () => number;

  /** `now`: milliseconds on a monotonic clock. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Runs one call of a lane and counts it. Answers with the failure's code, or undefined when the call went well. */
  async count(lane: string, call: () => Promise<unknown>): Promise<string | undefined> {
    const startedAt = this.#now();
    this.#calls += 1;
    try {
      await call();
      this.#succeeded(lane);
      return undefined;
    } catch (error) {
      return this.#failed(lane, startedAt, codeOf(error));
    }
  }

  /** The counts so far; a stretch that still fails is counted up to now. */
  totals(): Totals {
    const open = [...this.#failingSince.values()].map((since) => this.#now() - since);
    return {
      calls: this.#calls,
      failedCalls: this.#failedCalls,
      longestFailureMs: Math.round(Math.max(this.#longestFailureMs, ...open)),
      failures: Object.fromEntries(this.#failures),
    };
  }

  #succeeded(lane: string): void {
    const since = this.#failingSince.get(lane);
    if (since === undefined) return;
    this.#failingSince.delete(lane);
    this.#longestFailureMs = Math.max(this.#longestFailureMs, this.#now() - since);
  }

  #failed(lane: string, startedAt: number, code: string): string {
    this.#failedCalls += 1;
    this.#failures.set(code, (this.#failures.get(code) ?? 0) + 1);
    if (!this.#failingSince.has(lane)) this.#failingSince.set(lane, startedAt);
    return code;
  }
}

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'noCode';
}
