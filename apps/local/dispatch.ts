import { raise, underFaults } from './faults';
import { ServiceError, unsupported, type Call, type Service } from './service';
import type { Surroundings } from './surroundings';

/** The call may have had its effect, but its answer never arrives: the gateway cuts the connection. */
export class AnswerLost extends Error {
  override readonly name = 'AnswerLost';

  constructor(call: Pick<Call, 'service' | 'action'>) {
    super(`The answer to ${call.service}:${call.action} was lost; its effect may have happened.`);
  }
}

/** What the dispatcher needs from the rest of the engine. */
export interface DispatchDeps extends Pick<Surroundings, 'faults' | 'clock' | 'activity'> {
  readonly services: ReadonlyMap<string, Service>;
  /** @throws ServiceError when the caller's policies do not allow the call. */
  readonly authorise: (call: Call) => void;
}

/** The one door to every service: authorises, lets faults happen, performs. */
export class Dispatcher {
  constructor(private readonly deps: DispatchDeps) {}

  /**
   * Performs one call as its caller.
   * @throws ServiceError as AWS would answer; AnswerLost under the faults `drop` and `kill`.
   */
  async call(call: Call): Promise<unknown> {
    return this.perform(call).finally(this.deps.activity.begin());
  }

  private async perform(call: Call): Promise<unknown> {
    const { faults, clock, services } = this.deps;
    const { action, input, caller } = call;
    const service = services.get(call.service);
    if (!service) throw unsupported(call.service, action);
    this.deps.authorise(call);
    const point = { service: call.service, action, caller: caller.functionName ?? caller.roleName, input };
    return underFaults({
      at: (phase) => faults.at({ boundary: 'service', phase, ...point }),
      clock,
      perform: () => service.handle(action, input, caller),
      failed: (code, message) => raise(new ServiceError(code, message)),
      killed: () => {
        call.terminate?.();
        raise(new AnswerLost(call));
      },
      lost: () => raise(new AnswerLost(call)),
    });
  }
}
