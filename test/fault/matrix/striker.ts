import * as z from 'zod/mini';
import { serve } from '../../../lambdas/runtime/serve';
import type { Deps } from '../../../lambdas/steps/deps';
import { everyStep, type Invoked, type MemoryApp } from '../../support/memory-app';
import type { Fault } from './fault';
import type { PortCall } from './port-calls';
import { Strike } from './strike';
import { watched, Worker, type OnCall } from './worker';

const delivered = z.object({ stage: z.string(), execution: z.object({ id: z.string() }) });

/** Sees what every call does, whether a fault meets it or not. */
export type Watch = (call: PortCall, perform: () => Promise<unknown>, stage: string) => Promise<unknown>;

/** Lets the faults of a trial strike, in their order, each at the next delivery of its state. */
export class Striker {
  readonly #waiting: Fault[];
  readonly #late: { readonly event: unknown; readonly times: number }[] = [];
  readonly #copies: Promise<unknown>[] = [];
  readonly #lasting: { readonly execution: string; readonly strike: Strike }[] = [];
  readonly #answers = new Map<string, unknown>();
  /** Faults that struck. */
  met = 0;

  constructor(
    faults: readonly Fault[],
    private readonly app: () => MemoryApp,
    private readonly watch: Watch,
    private readonly pass: (ms: number) => Promise<void>,
  ) {
    this.#waiting = [...faults];
  }

  /** The dependencies of one delivery. */
  around(deps: Deps, event: unknown): Invoked {
    const { stage, execution } = delivered.parse(event);
    const lasting = this.#lasting.find(
      ({ strike, execution: id }) => id === execution.id && strike.fault.state === stage,
    );
    const strike = lasting?.strike ?? this.#next(deps, event, stage, execution.id);
    return watched(deps, new Worker(), this.#calls(stage, strike));
  }

  /** The late copies, once the execution has ended. */
  async late(deps: Deps): Promise<void> {
    for (const { event, times } of this.#late)
      for (let copy = 0; copy < times; copy += 1) await this.#again(deps, event);
  }

  /** Until every copy has come to its end. What refuses for good is mended from here on. */
  async over(): Promise<void> {
    this.#lasting.length = 0;
    await Promise.all(this.#copies);
  }

  #next(deps: Deps, event: unknown, stage: string, execution: string): Strike | undefined {
    const [fault] = this.#waiting;
    if (fault?.state !== stage) return undefined;
    this.#waiting.shift();
    const struck = (): void => {
      this.met += 1;
      const extra = fault.kind === 'twice-at-once' ? fault.deliveries : fault.deliveries - 1;
      for (let copy = 0; copy < extra; copy += 1) this.#copies.push(this.#again(deps, event));
    };
    const { pass } = this;
    const strike = new Strike(fault, { pass, struck, earlier: (call) => this.#answers.get(question(call)) });
    if (fault.kind === 'twice-at-once') struck();
    if (fault.kind === 'refused-for-good') this.#lasting.push({ execution, strike });
    if (fault.kind === 'twice-later') {
      this.met += 1;
      this.#late.push({ event, times: fault.deliveries });
    }
    return strike;
  }

  #calls(stage: string, strike: Strike | undefined): OnCall {
    return async (call, perform, worker) => {
      const seen = () => this.watch(call, perform, stage);
      const answer = strike ? await strike.meet(call, seen, worker) : await seen();
      if (call.port === 'vault') this.#answers.set(question(call), answer);
      return answer;
    };
  }

  /** The same event once more, to a worker that nothing happens to; nobody hears its answer. */
  async #again(deps: Deps, event: unknown): Promise<void> {
    const { stage } = delivered.parse(event);
    const { deps: own } = watched(deps, new Worker(), this.#calls(stage, undefined));
    const work = serve(() => own, everyStep)(event).catch(() => undefined);
    await this.app().during(work);
  }
}

function question({ port, method, args }: PortCall): string {
  return JSON.stringify([port, method, ...args]);
}
