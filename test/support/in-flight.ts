const nobody = (): void => undefined;

/** Counts the work that is going on, so that engine time passes only when there is none. */
export class InFlight {
  #count = 0;
  #idle: () => void = nobody;

  /** Whether nothing goes on. */
  get idle(): boolean {
    return this.#count === 0;
  }

  /** Counts work until it has ended. */
  async during<T>(work: Promise<T>): Promise<T> {
    this.#count += 1;
    try {
      return await work;
    } finally {
      this.#count -= 1;
      if (this.#count === 0) this.#idle();
    }
  }

  /** Until nothing goes on, or a turn of the event loop where nothing does. */
  async turn(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#count === 0) setImmediate(resolve);
      else this.#idle = resolve;
    });
  }
}
