import { setTimeout as pause } from 'node:timers/promises';
import type { Connections } from './connections';
import type { Settings } from './settings';
import type { VersionSwitch } from './switch';
import type { Tally } from './tally';

/** SQLSTATE of a refused password. */
const invalidPassword = '28P01';

/** A constant load that nothing retries: a failed call is counted and the next call is a new one. */
export class Load {
  readonly #stop = new AbortController();
  readonly #lanes: readonly Promise<void>[];

  /** One lane per pooled session runs queries, one lane logs in anew. */
  constructor(settings: Settings, tally: Tally, versions: VersionSwitch) {
    const lane = async (name: string, everyMs: number, call: (connections: Connections) => Promise<void>) => {
      while (!this.#stop.signal.aborted) {
        const failure = await tally.count(name, () => call(versions.current));
        if (failure === invalidPassword) versions.heal();
        await pause(everyMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      }
    };
    const queries = Array.from({ length: settings.poolSize }, (_, index) =>
      lane(`query-${index}`, settings.queryEveryMs, (connections) => connections.query()),
    );
    this.#lanes = [...queries, lane('login', settings.loginEveryMs, (connections) => connections.login())];
  }

  /** No new calls; resolves when those in flight have ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#lanes);
  }
}
