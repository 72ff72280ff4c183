import type { Workflow } from './definition';
import { AbortedError, StateError } from './errors';
import { innerAbort, Variables, type ChildWorkflow, type Frame } from './frame';
import { runWorkflow } from './flow';
import { stepFunctionsLibrary } from './functions';
import { carried, Track, type HistoryEvent } from './history';
import { messageOf } from './json';
import type { ContextObject, Outside } from './ports';

/** What an execution runs, and as what. */
export interface ExecutionOptions extends Outside {
  readonly machine: Workflow;
  /** Names, role and input of the execution. */
  readonly context: ContextObject;
}

interface Unfinished {
  readonly status: 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
}

/** How an execution ended. */
export type ExecutionResult = { readonly status: 'SUCCEEDED'; readonly output: unknown } | Unfinished;

const ENDINGS = {
  FAILED: 'ExecutionFailed',
  TIMED_OUT: 'ExecutionTimedOut',
  ABORTED: 'ExecutionAborted',
} as const;

/** One execution of a state machine (a child of a Distributed Map is one too). */
export class Execution {
  private readonly track: Track;
  private readonly abortion = new AbortController();
  private stopped: Unfinished | undefined;

  constructor(private readonly options: ExecutionOptions) {
    this.track = new Track(() => options.clock.now());
  }

  get history(): readonly HistoryEvent[] {
    return this.track.events;
  }

  /** Runs to the end; never rejects. */
  async run(): Promise<ExecutionResult> {
    const { machine, context, clock } = this.options;
    const { Input: input, RoleArn: roleArn } = context.Execution;
    this.track.add('ExecutionStarted', { ...carried('input', input), roleArn });
    const limit = machine.timeoutSeconds;
    const late = () => this.stop({ status: 'TIMED_OUT', error: 'States.Timeout' });
    const timer = limit === undefined ? undefined : clock.schedule(clock.now() + 1000 * limit, late);
    try {
      const output = await runWorkflow(machine, this.frame(), input);
      this.track.add('ExecutionSucceeded', carried('output', output));
      return { status: 'SUCCEEDED', output };
    } catch (failure) {
      const result = this.ending(failure);
      const { status, ...details } = result;
      this.track.add(ENDINGS[status], details);
      return result;
    } finally {
      timer?.cancel();
    }
  }

  /** Stops the execution; what it had already asked of others may still happen. */
  abort(reason: Omit<Unfinished, 'status'> = {}): void {
    this.stop({ status: 'ABORTED', ...reason });
  }

  private stop(result: Unfinished): void {
    this.stopped ??= result;
    this.abortion.abort();
  }

  private ending(failure: unknown): Unfinished {
    if (failure instanceof AbortedError && this.stopped) return this.stopped;
    const own = `the embedded engine failed: ${messageOf(failure)}`;
    const { error, cause } = failure instanceof StateError ? failure : new StateError('States.Runtime', own);
    return { status: 'FAILED', error, cause };
  }

  private frame(): Frame {
    const { clock, tasks, chance, context } = this.options;
    const library = stepFunctionsLibrary(chance, () => clock.now());
    const startChild = (child: ChildWorkflow) => this.runChild(child);
    const surface = { clock, tasks, chance, library, run: runWorkflow, startChild };
    const { signal } = this.abortion;
    const line = { track: this.track, variables: new Variables(), within: 'execution' } as const;
    return { surface, ...line, signal, context };
  }

  private async runChild({ workflow, input: Input, label, signal }: ChildWorkflow): Promise<unknown> {
    const { chance, clock, context } = this.options;
    const Name = chance.uuid();
    const { Id, Name: machineName } = context.StateMachine;
    const StateMachine = { Id: `${Id}/${label}`, Name: `${machineName}/${label}` };
    const executionArn = `${StateMachine.Id.replace(':stateMachine:', ':execution:')}:${Name}`;
    const StartTime = new Date(clock.now()).toISOString();
    const about = { ...context.Execution, Id: executionArn, Name, Input, StartTime };
    const childContext = { Execution: about, StateMachine };
    const child = new Execution({ ...this.options, machine: workflow, context: childContext });
    const watch = innerAbort(signal);
    watch.signal.addEventListener('abort', () => child.abort());
    const result = await child.run();
    watch.abort();
    if (result.status === 'SUCCEEDED') return result.output;
    if (signal.aborted) throw new AbortedError('stopped');
    throw new StateError(result.error, result.cause);
  }
}
