import { setTimeout as pause } from 'node:timers/promises';
import type { Terminal } from '../output/terminal';
import type { Stores } from '../stores';
import { watchRun, type WatchedRun } from '../watch/run';
import { executionsOf, type StartedExecution } from './pace';

const LOOK_EVERY_MS = 150;

export interface WatchersOptions {
  readonly stores: Stores;
  readonly terminal: Terminal;
  /** ARNs of the machines that are watched. */
  readonly machines: { readonly Rotation: string; readonly Settle: string };
  /** Called as soon as a run has ended. */
  readonly ended: (run: WatchedRun) => Promise<void>;
}

/** Watches every execution that schedules start, until stopped. */
export class Watchers {
  readonly #seen = new Set<string>();
  readonly #open = new Map<string, 'working' | 'waiting'>();
  readonly #stop = new AbortController();
  #failure: unknown;

  constructor(private readonly options: WatchersOptions) {}

  /** Looks until stopped. Executions of an earlier start are left out. What goes wrong is thrown by {@link activity}. */
  async start(): Promise<void> {
    for (const { executionArn } of await this.#executions()) this.#seen.add(executionArn);
    this.#loop().catch((error: unknown) => {
      if (!this.#stop.signal.aborted) this.#failure ??= error;
    });
  }

  stop(): void {
    this.#stop.abort();
  }

  activity(): 'none' | 'working' | 'waiting' {
    if (this.#failure !== undefined) throw this.#failure;
    const open = [...this.#open.values()];
    if (open.length === 0) return 'none';
    return open.includes('working') ? 'working' : 'waiting';
  }

  /** Looks once, now: after it every execution that was started before is watched. */
  async look(): Promise<void> {
    for (const execution of await this.#executions()) this.#watch(execution);
  }

  async #loop(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.look();
      await pause(LOOK_EVERY_MS, undefined, { signal: this.#stop.signal });
    }
  }

  async #executions(): Promise<readonly StartedExecution[]> {
    const { stores, machines } = this.options;
    const each = [machines.Rotation, machines.Settle].map((arn) => executionsOf(stores.machines, arn));
    return (await Promise.all(each)).flat();
  }

  #watch(execution: StartedExecution): void {
    if (this.#seen.has(execution.executionArn)) return;
    this.#seen.add(execution.executionArn);
    this.#open.set(execution.executionArn, 'working');
    this.#follow(execution)
      .catch((error: unknown) => {
        if (!this.#stop.signal.aborted) this.#failure ??= error;
      })
      .finally(() => this.#open.delete(execution.executionArn));
  }

  async #follow({ executionArn }: StartedExecution): Promise<void> {
    const { stores, terminal, ended } = this.options;
    const state = (now: 'working' | 'waiting') => this.#open.set(executionArn, now);
    await ended(await watchRun({ ...stores, terminal, state }, executionArn));
  }
}
