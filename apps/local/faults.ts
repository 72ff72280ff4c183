/** When a hook is asked: just before the effect may happen, or after it happened and before it is answered. */
export type FaultPhase = 'before' | 'after';

/** A state of an execution calls an integration (a function, a table, another machine). */
export interface TaskFaultPoint {
  readonly boundary: 'task';
  readonly phase: FaultPhase;
  readonly resource: string;
  /** Name or ARN as the state gave it; absent when the integration is not a function. */
  readonly functionName?: string;
  readonly stateName: string;
  /** ARN of the state machine. */
  readonly machine: string;
  /** ARN of the execution. */
  readonly execution: string;
}

/** A function is invoked. */
export interface LambdaFaultPoint {
  readonly boundary: 'lambda';
  readonly phase: FaultPhase;
  readonly functionName: string;
  readonly payload: unknown;
}

/** A client calls a service through the gateway. */
export interface ServiceFaultPoint {
  readonly boundary: 'service';
  readonly phase: FaultPhase;
  /** Service name as in IAM actions, for example `dynamodb`. */
  readonly service: string;
  readonly action: string;
  /** Name of the calling function or role. */
  readonly caller: string;
  /** The call's input as the service takes it; absent where a schedule fires. */
  readonly input?: Readonly<Record<string, unknown>>;
}

/** A place where the engine lets a fault happen. */
export type FaultPoint = TaskFaultPoint | LambdaFaultPoint | ServiceFaultPoint;

/**
 * What goes wrong there.
 * - `fail`: answered with this error (phase `before`: the effect does not happen)
 * - `delay`: this many milliseconds of engine time pass first
 * - `kill`: the process that runs the call ends
 * - `drop`: the effect happens, its answer is lost
 * - `duplicate`: the effect happens twice
 */
export type FaultAction =
  | { readonly do: 'fail'; readonly error: string; readonly message: string }
  | { readonly do: 'delay'; readonly ms: number }
  | { readonly do: 'kill' }
  | { readonly do: 'drop' }
  | { readonly do: 'duplicate' };

/** Asked at every fault point; `undefined` lets the call go on. */
export type FaultHook = (point: FaultPoint) => Promise<FaultAction | undefined>;

/** Holder of the hook that is in force; empty in ordinary runs. */
export interface Faults {
  at: FaultHook;
}

/** One piece of work with a fault point before and after it, and what each fault looks like to whoever asked for it. */
export interface FaultyWork<T> {
  readonly at: (phase: FaultPhase) => Promise<FaultAction | undefined>;
  readonly clock: { sleep(ms: number): Promise<void> };
  readonly perform: () => Promise<T>;
  readonly failed: (error: string, message: string) => T;
  /** The process that was to answer has ended. */
  readonly killed: () => T | Promise<T>;
  /** The effect may have happened, the answer never arrives. */
  readonly lost: () => T;
}

/** Throws, where an expression is wanted. */
export function raise(failure: unknown): never {
  throw failure;
}

/** Performs work and lets the faults of its two points happen. @throws whatever `failed`, `killed` and `lost` throw */
export function underFaults<T>(work: FaultyWork<T>): Promise<T> {
  return faulty(work, 'before', async () => {
    const result = await work.perform();
    return faulty(work, 'after', async () => result);
  });
}

async function faulty<T>(work: FaultyWork<T>, phase: FaultPhase, go: () => Promise<T>): Promise<T> {
  const action = await work.at(phase);
  switch (action?.do) {
    case undefined:
      return go();
    case 'delay':
      await work.clock.sleep(action.ms);
      return go();
    case 'fail':
      return work.failed(action.error, action.message);
    case 'kill':
      return work.killed();
    case 'drop':
      if (phase === 'before') await work.perform();
      return work.lost();
    case 'duplicate': {
      const again = await work.perform();
      return phase === 'before' ? go() : again;
    }
    default:
      return action satisfies never;
  }
}
