import type { Activity } from './activity';
import type { Clock } from './clock';
import type { FaultPhase, Faults } from './faults';
import { ServiceError, type Caller, type Service } from './service';

/** One API call on its way to a service, from the wire or from inside the engine. */
export interface Call {
  readonly service: string;
  readonly action: string;
  readonly input: Record<string, unknown>;
  readonly caller: Caller;
  /** Ends the process that made the call; used by the fault `kill`. */
  readonly terminate?: () => void;
}

/** The call may have had its effect, but its answer never arrives: the gateway cuts the connection. */
export class AnswerLost extends Error {
  override readonly name = 'AnswerLost';

  constructor(call: Pick<Call, 'service' | 'action'>) {
    super(`The answer to ${call.service}:${call.action} was lost; its effect may have happened.`);
  }
}

/** What the dispatcher needs from the rest of the engine. */
export interface DispatchDeps {
  readonly services: ReadonlyMap<string, Service>;
  /** @throws ServiceError when the caller's policies do not allow the call. */
  readonly authorise: (call: Call) => void;
  readonly faults: Faults;
  readonly clock: Clock;
  readonly activity: Activity;
}

type Outcome = 'go' | 'twice';

/** The one door to every service: authorises, lets faults happen, performs. */
export class Dispatcher {
  readonly #deps: DispatchDeps;

  constructor(deps: DispatchDeps) {
    this.#deps = deps;
  }

  /**
   * Performs one call as its caller.
   * @throws ServiceError as AWS would answer; AnswerLost under the faults `drop` and `kill`.
   */
  async call(call: Call): Promise<unknown> {
    const done = this.#deps.activity.begin();
    try {
      return await this.#perform(call);
    } finally {
      done();
    }
  }

  async #perform(call: Call): Promise<unknown> {
    const service = this.#deps.services.get(call.service);
    if (!service) throw unsupported(call.service, call.action);
    this.#deps.authorise(call);
    const before = await this.#fault('before', call, () =>
      service.handle(call.action, call.input, call.caller),
    );
    const result = await service.handle(call.action, call.input, call.caller);
    const last = before === 'twice' ? await service.handle(call.action, call.input, call.caller) : result;
    const after = await this.#fault('after', call, () => Promise.resolve());
    return after === 'twice' ? service.handle(call.action, call.input, call.caller) : last;
  }

  async #fault(phase: FaultPhase, call: Call, effect: () => Promise<unknown>): Promise<Outcome> {
    const action = await this.#deps.faults.at({
      boundary: 'service',
      phase,
      service: call.service,
      action: call.action,
      caller: call.caller.functionName ?? call.caller.roleName,
      input: call.input,
    });
    if (!action) return 'go';
    switch (action.do) {
      case 'fail':
        throw new ServiceError(action.error, action.message);
      case 'delay':
        await this.#deps.clock.sleep(action.ms);
        return 'go';
      case 'kill':
        call.terminate?.();
        throw new AnswerLost(call);
      case 'drop':
        await effect();
        throw new AnswerLost(call);
      case 'duplicate':
        return 'twice';
      default:
        return action satisfies never;
    }
  }
}

/** The failure for anything the engine does not implement: it names the service and the action. */
export const unsupported = (service: string, action: string) =>
  new ServiceError(
    'UnsupportedOperation',
    `gapless local does not implement ${service}:${action || '(no action)'}`,
  );
