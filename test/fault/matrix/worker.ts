import type { Deps } from '../../../lambdas/steps/deps';
import type { Invoked } from '../../support/memory-app';
import type { PortCall } from './port-calls';

/** What becomes of one port call; `perform` lets it happen. */
export type OnCall = (call: PortCall, perform: () => Promise<unknown>, worker: Worker) => Promise<unknown>;

/** One invocation of a function. Once ended, whatever it does next reaches nothing and is never answered. */
export class Worker {
  #state: 'alive' | 'ended' = 'alive';
  #reject: (reason: Error) => void = () => undefined;
  readonly ended: Promise<never>;

  constructor() {
    this.ended = new Promise((_resolve, reject) => {
      this.#reject = reject;
    });
    this.ended.catch(() => undefined);
  }

  get state(): 'alive' | 'ended' {
    return this.#state;
  }

  /** From here on nothing of it reaches anything; who waits for it hears that later. */
  cut(): void {
    this.#state = 'ended';
  }

  /** Ends it for an error named as Lambda names that. */
  end(name: 'Error' | 'Sandbox.Timedout'): Promise<never> {
    this.cut();
    this.#reject(Object.assign(new Error('the worker was ended'), { name }));
    return new Promise(() => undefined);
  }
}

/** The dependencies of one invocation, every port of them going through `onCall`. */
export function watched(deps: Deps, worker: Worker, onCall: OnCall): Invoked {
  const watch = <P extends object>(port: PortCall['port'], real: P): P =>
    new Proxy(real, {
      get: (target, property) => {
        const member: unknown = Reflect.get(target, property);
        // What only reads the material it is given is no call to anywhere.
        if (typeof member !== 'function' || pure.includes(String(property))) return member;
        return async (...args: unknown[]) => {
          if (worker.state === 'ended') return new Promise(() => undefined);
          const perform = async () => Reflect.apply(member, target, args) as unknown;
          return onCall({ port, method: String(property), args }, perform, worker);
        };
      },
    });
  const { operations, probe, descriptor } = deps.connector;
  const { registry, evidence, spill, vault, consumers } = deps;
  return {
    died: worker.ended,
    deps: {
      ...deps,
      connector: { descriptor, operations: watch('target', operations), probe: watch('probe', probe) },
      registry: watch('registry', registry),
      evidence: watch('evidence', evidence),
      spill: watch('spill', spill),
      vault: watch('vault', vault),
      consumers: watch('consumers', consumers),
    },
  };
}

const pure: readonly string[] = ['remoteIdOf', 'randomLike'];
