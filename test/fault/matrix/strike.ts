import { Failure } from '../../../core/failure';
import type { Fault } from './fault';
import { isEffect, isOutcome, isRead, type PortCall } from './port-calls';
import type { Worker } from './worker';

/** What a strike needs from the trial. */
export interface Surroundings {
  /** Lets so much engine time pass. */
  readonly pass: (ms: number) => Promise<void>;
  /** The answer the same question got before, where it got one. */
  readonly earlier: (call: PortCall) => unknown;
  /** Told once, when the fault strikes. */
  readonly struck: () => void;
}

/** How long a function's worker is left hanging, in milliseconds; no function of the app may run longer. */
const LIMIT_MS = 30_000;

/** How often a probe in trouble learns nothing. */
const UNSURE = 2;

/** Drivers put statements and values into their errors; nothing of that may get any further. */
export const DRIVER_SECRET = 'canary-in-an-error-of-a-driver';

/** One fault in one delivery. */
export class Strike {
  #effects = 0;
  #count = 0;

  constructor(
    readonly fault: Fault,
    private readonly around: Surroundings,
  ) {}

  /** Lets the call happen, or what the fault makes of it. */
  async meet(call: PortCall, perform: () => Promise<unknown>, worker: Worker): Promise<unknown> {
    const turn = this.#turn(call);
    const here = turn === 'effect' || (turn === 'outcome' && this.#effects === 0);
    if (turn === 'effect') this.#effects += 1;
    const first = here && this.#count === 0;
    switch (this.fault.kind) {
      case 'dies-before-effect':
        return first ? this.#end(worker, 'Error') : perform();
      case 'dies-after-effect':
        return turn === 'outcome' ? this.#afterEffect(perform, worker) : perform();
      case 'dies-after-outcome':
        return turn === 'outcome' ? this.#landed(perform, worker, 'Error') : perform();
      case 'times-out-landed':
        return first ? this.#landed(perform, worker, 'Sandbox.Timedout') : perform();
      case 'times-out-lost':
        return first ? this.#end(worker, 'Sandbox.Timedout') : perform();
      case 'throttled':
        return first ? this.#refuse(call, 'throttled') : perform();
      case 'refused-for-good':
        return here || turn === 'outcome' ? this.#refuse(call, 'for good') : perform();
      case 'unsure-read':
        return this.#unsure(call, perform);
      case 'twice-at-once':
      case 'twice-later':
        return perform();
      default:
        return this.fault.kind satisfies never;
    }
  }

  #turn(call: PortCall): 'effect' | 'outcome' | 'other' {
    if (isEffect(call)) return 'effect';
    return isOutcome(call) ? 'outcome' : 'other';
  }

  async #afterEffect(perform: () => Promise<unknown>, worker: Worker): Promise<unknown> {
    // A step whose only effect is its record dies after that.
    return this.#effects > 0 ? this.#end(worker, 'Error') : this.#landed(perform, worker, 'Error');
  }

  async #landed(perform: () => Promise<unknown>, worker: Worker, name: 'Error' | 'Sandbox.Timedout') {
    worker.cut();
    await perform();
    return this.#end(worker, name);
  }

  async #end(worker: Worker, name: 'Error' | 'Sandbox.Timedout'): Promise<never> {
    worker.cut();
    this.#strike();
    if (name === 'Sandbox.Timedout') await this.around.pass(LIMIT_MS);
    return worker.end(name);
  }

  #refuse(call: PortCall, how: 'throttled' | 'for good'): unknown {
    this.#strike();
    if (call.port === 'probe') return inconclusive('the target is in trouble');
    const atTarget = call.port === 'target' || call.port === 'consumers';
    if (how === 'throttled')
      throw new Failure(atTarget ? 'TargetThrottled' : 'StoreUnavailable', 'asked to slow down', 'none');
    if (atTarget) throw new Failure('TargetRejected', 'refused for good. Nothing was changed.', 'none');
    throw new Error(`access denied to ${DRIVER_SECRET}`);
  }

  async #unsure(call: PortCall, perform: () => Promise<unknown>): Promise<unknown> {
    if (!isRead(call) || this.#count >= (call.port === 'probe' ? UNSURE : 1)) return perform();
    this.#strike();
    if (call.port === 'probe') return inconclusive('the answer was lost');
    if (call.port === 'vault') return this.around.earlier(call) ?? perform();
    const code =
      call.port === 'target' || call.port === 'consumers' ? 'TargetUnreachable' : 'StoreUnavailable';
    throw new Failure(code, 'no answer. Nothing was changed.', 'none');
  }

  #strike(): void {
    this.#count += 1;
    if (this.#count === 1) this.around.struck();
  }
}

function inconclusive(cause: string) {
  return { verdict: { state: 'inconclusive', cause }, rawCode: 'FAULT', latencyMs: 0 };
}
