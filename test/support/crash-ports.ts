import type { Deps } from '../../lambdas/steps/deps';
import type { Invoked } from './memory-app';

/**
 * Where a worker dies: at the nth call of any port, or at the first of a name, before its effect or after it. How many rounds a proof
 * takes depends on the time, so a number counted in another run may lie elsewhere in this one; a name does not.
 */
export interface CrashPoint {
  readonly call: number | string;
  readonly side: 'before' | 'after';
}

/** The port calls of one trial, and the worker that dies in it. Whatever the dead worker does next reaches nothing. */
export class CrashPlan {
  readonly calls: string[] = [];
  #state: 'armed' | 'crashed' = 'armed';

  /** Without a point it only counts. `onCrash` runs at once, while the machine still waits for its answer. */
  constructor(
    private readonly point: CrashPoint | undefined,
    private readonly onCrash: () => void = () => undefined,
  ) {}

  get state(): 'armed' | 'crashed' {
    return this.#state;
  }

  /** The dependencies of one invocation, every port of them watched. */
  around(deps: Deps): Invoked {
    const worker: Worker = { alive: 'yes', kill: nothing };
    const died = new Promise<never>((_resolve, reject) => {
      worker.kill = reject;
    });
    died.catch(() => undefined);
    const watch = <P extends object>(name: string, port: P): P => this.#watch(name, port, worker);
    const { operations, probe, descriptor } = deps.connector;
    const connector = { descriptor, operations: watch('target', operations), probe: watch('probe', probe) };
    const { registry, evidence, vault, fingerprints } = deps;
    return {
      died,
      deps: {
        ...deps,
        connector,
        registry: watch('registry', registry),
        evidence: watch('evidence', evidence),
        vault: watch('vault', vault),
        fingerprints: watch('fingerprints', fingerprints),
      },
    };
  }

  #watch<P extends object>(name: string, port: P, worker: Worker): P {
    return new Proxy(port, {
      get: (target, property) => {
        const member: unknown = Reflect.get(target, property);
        if (typeof member !== 'function') return member;
        const label = `${name}.${String(property)}`;
        return (...args: unknown[]) =>
          this.#call(label, () => Reflect.apply(member, target, args) as unknown, worker);
      },
    });
  }

  #call(name: string, perform: () => unknown, worker: Worker): unknown {
    if (worker.alive === 'no') return new Promise(() => undefined);
    const number = this.calls.push(name) - 1;
    if (!this.point || this.#state === 'crashed') return perform();
    if (this.point.call !== number && this.point.call !== name) return perform();
    this.#state = 'crashed';
    if (this.point.side === 'before') return this.#die(worker);
    const result = perform();
    if (!(result instanceof Promise)) return this.#die(worker);
    return result.then(
      () => this.#die(worker),
      () => this.#die(worker),
    );
  }

  #die(worker: Worker): Promise<never> {
    worker.alive = 'no';
    this.onCrash();
    worker.kill(new Error('the worker was killed'));
    return new Promise(() => undefined);
  }
}

const nothing = (): void => undefined;

interface Worker {
  alive: 'yes' | 'no';
  kill: (reason: Error) => void;
}
