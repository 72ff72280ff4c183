/** How long changes take, in ms, and whether the places of a region are equally far behind. */
export interface Lag {
  readonly propagationMs: number;
  readonly replicas: 'alike' | 'flapping';
}

/**
 * How far behind the replicas of a region are when they flap: one knows at once, one late, one in between. Their number
 * has no factor in common with the three credentials of a round, or each of those would see one replica only.
 */
const SHARES = [1, 0, 1, 0.5] as const;

/** The replicas that answer in a region, one after the other. */
export class Places {
  readonly lags = new Map<string, Lag>();
  #lag: Lag = { propagationMs: 0, replicas: 'alike' };
  readonly #turns = new Map<string, number>();

  /** Sets the lag of one region, or of all. */
  set(lag: Lag, region?: string): void {
    if (region === undefined) {
      this.lags.clear();
      this.#lag = lag;
    } else this.lags.set(region, lag);
  }

  /** How far behind the place is that answers the next request, in ms. */
  next(region: string): number {
    const { propagationMs, replicas } = this.lags.get(region) ?? this.#lag;
    if (replicas === 'alike') return propagationMs;
    const turn = this.#turns.get(region) ?? 0;
    this.#turns.set(region, turn + 1);
    return propagationMs * (SHARES[turn % SHARES.length] ?? 1);
  }
}
