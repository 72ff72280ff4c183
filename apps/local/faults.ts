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
