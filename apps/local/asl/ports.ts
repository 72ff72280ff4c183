import type { Clock } from '../clock';

/** The context object (`$states.context`) of a state; times are ISO 8601 in UTC. */
export interface ContextObject {
  readonly Execution: {
    readonly Id: string;
    readonly Input: unknown;
    readonly Name: string;
    readonly RoleArn: string;
    readonly StartTime: string;
    readonly RedriveCount: number;
  };
  readonly StateMachine: { readonly Id: string; readonly Name: string };
  readonly State?: { readonly Name: string; readonly EnteredTime: string; readonly RetryCount?: number };
  readonly Task?: { readonly Token: string };
  readonly Map?: { readonly Item: { readonly Index: number; readonly Value: unknown } };
}

/** One call of a task integration. */
export interface TaskCall {
  /** The state's Resource: an integration ARN or a function ARN. */
  readonly resource: string;
  readonly arguments: unknown;
  readonly stateName: string;
  /** With `Task.Token` when the resource ends in `.waitForTaskToken`. */
  readonly context: ContextObject;
  /** Fires when nobody waits for the answer any more (timeout, stop, another branch failed). */
  readonly signal: AbortSignal;
  /** The request was accepted and the task now waits (`.sync`, `.waitForTaskToken`). */
  submitted(this: void, output: unknown): void;
}

/** What performs tasks. */
export interface TaskPort {
  /** @throws StateError with the error name Retry and Catch match on, and the cause. */
  run(call: TaskCall): Promise<unknown>;
  /** The text of an S3 object, read as the execution's role. @throws StateError States.ItemReaderFailed */
  readObject(bucket: string, key: string, context: ContextObject): Promise<string>;
}

/** Randomness and ids of an execution, given from outside so that a run can be repeated. */
export interface Chance {
  /** 0 ≤ n < 1 */
  random(this: void): number;
  uuid(this: void): string;
}

/** Everything an execution needs from outside. */
export interface Outside {
  readonly clock: Clock;
  readonly tasks: TaskPort;
  readonly chance: Chance;
}
