import { setMaxListeners } from 'node:events';
import type { Scheduled } from '../clock';
import type { Workflow } from './definition';
import { AbortedError, StateError } from './errors';
import type { Track } from './history';
import type { ContextObject, Outside } from './ports';

/** Runs a workflow from its first state to its end and gives its output. @throws StateError, AbortedError */
export type RunWorkflow = (workflow: Workflow, frame: Frame, input: unknown) => Promise<unknown>;

/** What every state of one execution shares. */
export interface Surface extends Outside {
  /** Functions every expression sees. */
  readonly library: Readonly<Record<string, unknown>>;
  /** Runs a branch or an iteration inside this execution. */
  readonly run: RunWorkflow;
  /** Runs one child of a Distributed Map as an execution of its own. */
  startChild(child: ChildWorkflow): Promise<unknown>;
}

/** One child execution of a Distributed Map. */
export interface ChildWorkflow {
  readonly workflow: Workflow;
  readonly input: unknown;
  readonly label: string;
  readonly signal: AbortSignal;
}

/** Variables of a scope; an inner scope (a branch, an iteration) reads the outer ones and may not assign them. */
export class Variables {
  private readonly own: Record<string, unknown> = {};

  constructor(private readonly outer: Readonly<Record<string, unknown>> = {}) {}

  all(): Record<string, unknown> {
    return { ...this.outer, ...this.own };
  }

  /** @throws StateError when an outer scope holds a variable of that name (developer guide, "Variable scope") */
  assign(values: Readonly<Record<string, unknown>>): void {
    const taken = Object.keys(values).find((name) => Object.hasOwn(this.outer, name));
    if (taken !== undefined) {
      const cause = `The variable '${taken}' of an outer scope cannot be assigned in an inner one.`;
      throw new StateError('States.Runtime', cause);
    }
    Object.assign(this.own, values);
  }
}

/** One line of control: the execution itself, a branch, or an iteration. */
export interface Frame {
  readonly surface: Surface;
  readonly variables: Variables;
  readonly track: Track;
  readonly signal: AbortSignal;
  /** Context object without the part about the state. */
  readonly context: ContextObject;
  /** What this line is part of. AWS records a task that ends a Parallel branch as aborted as well. */
  readonly within: 'execution' | 'branch' | 'iteration';
}

/** A line of control inside another: a branch or an iteration, with a scope and a track of its own. */
export function innerFrame(outer: Frame, change: Pick<Frame, 'signal' | 'within' | 'context'>): Frame {
  return { ...outer, variables: new Variables(outer.variables.all()), track: outer.track.fork(), ...change };
}

/** An abort controller that also fires when `outer` does. */
export function innerAbort(outer: AbortSignal): AbortController {
  const inner = new AbortController();
  // One listener for each child that runs at once.
  setMaxListeners(0, inner.signal);
  if (outer.aborted) inner.abort();
  else outer.addEventListener('abort', () => inner.abort(), { once: true, signal: inner.signal });
  return inner;
}

/** Rejects with {@link AbortedError} as soon as `signal` fires, whatever `work` still does. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new AbortedError('stopped'));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** Waits on the engine's clock until `atMs`. @throws AbortedError */
export async function waitUntil(frame: Frame, atMs: number): Promise<void> {
  const { clock } = frame.surface;
  let timer: Scheduled | undefined;
  const due = new Promise<void>((resolve) => (timer = clock.schedule(atMs, resolve)));
  await orAborted(due, frame.signal).finally(() => timer?.cancel());
}
