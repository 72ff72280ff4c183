import type { Clock } from '../clock';
import type { StateMachine } from './definition';
import { AbortedError, StateError } from './errors';
import { innerAbort, Variables, type ChildWorkflow, type Frame, type Surface } from './frame';
import { runWorkflow } from './flow';
import { stepFunctionsLibrary } from './functions';
import { carried, History, Track, type HistoryEvent } from './history';
import { messageOf } from './json';
import type { Chance, ContextObject, ItemReaderPort, TaskPort } from './ports';

/** Names an execution runs under. */
export interface ExecutionIdentity {
  readonly executionArn: string;
  readonly name: string;
  readonly stateMachineArn: string;
  readonly stateMachineName: string;
  readonly roleArn: string;
}

/** Everything an execution needs from outside. */
export interface ExecutionOptions {
  readonly machine: StateMachine;
  readonly input: unknown;
  readonly identity: ExecutionIdentity;
  readonly clock: Clock;
  readonly tasks: TaskPort;
  readonly reader?: ItemReaderPort;
  readonly chance: Chance;
}

/** How an execution ended. */
export type ExecutionResult =
  | { readonly status: 'SUCCEEDED'; readonly output: unknown }
  | {
      readonly status: 'FAILED' | 'TIMED_OUT' | 'ABORTED';
      readonly error?: string | undefined;
      readonly cause?: string | undefined;
    };

type Unfinished = Exclude<ExecutionResult, { status: 'SUCCEEDED' }>;

const ENDINGS = {
  FAILED: 'ExecutionFailed',
  TIMED_OUT: 'ExecutionTimedOut',
  ABORTED: 'ExecutionAborted',
} as const;

/** One execution of a state machine (a child of a Distributed Map is one too). */
export class Execution {
  private readonly log: History;
  private readonly abortion = new AbortController();
  private stopped: Unfinished | undefined;
  private entered = 0;

  constructor(private readonly options: ExecutionOptions) {
    this.log = new History(() => options.clock.now());
  }

  get history(): readonly HistoryEvent[] {
    return this.log.events;
  }

  /** States entered so far, what AWS bills as transitions. */
  get transitions(): number {
    return this.entered;
  }

  /** Runs to the end; never rejects. */
  async run(): Promise<ExecutionResult> {
    const { machine, input, identity, clock } = this.options;
    const track = new Track(this.log);
    track.add('ExecutionStarted', { ...carried('input', input), roleArn: identity.roleArn });
    const limit = machine.timeoutSeconds;
    const late = () => this.stop({ status: 'TIMED_OUT', error: 'States.Timeout' });
    const timer = limit === undefined ? undefined : clock.schedule(clock.now() + 1000 * limit, late);
    try {
      const output = await runWorkflow(machine, this.frame(track), input);
      track.add('ExecutionSucceeded', carried('output', output));
      return { status: 'SUCCEEDED', output };
    } catch (failure) {
      const result = this.ending(failure);
      const { status, ...details } = result;
      track.add(ENDINGS[status], details);
      return result;
    } finally {
      timer?.cancel();
    }
  }

  /** Stops the execution; what it had already asked of others may still happen. */
  abort(reason: { readonly error?: string | undefined; readonly cause?: string | undefined } = {}): void {
    this.stop({ status: 'ABORTED', ...reason });
  }

  private stop(result: Unfinished): void {
    this.stopped ??= result;
    this.abortion.abort();
  }

  private ending(failure: unknown): Unfinished {
    if (failure instanceof AbortedError && this.stopped) return this.stopped;
    if (failure instanceof StateError)
      return { status: 'FAILED', error: failure.error, cause: failure.detail };
    const message = messageOf(failure);
    return { status: 'FAILED', error: 'States.Runtime', cause: `the embedded engine failed: ${message}` };
  }

  private frame(track: Track): Frame {
    const { clock, tasks, reader, chance, identity } = this.options;
    const surface: Surface = {
      clock,
      tasks,
      reader,
      chance,
      region: identity.stateMachineArn.split(':')[3] ?? '',
      library: stepFunctionsLibrary(chance, () => clock.now()),
      countTransition: () => {
        this.entered += 1;
      },
      startChild: (child) => this.runChild(child),
    };
    return {
      surface,
      variables: new Variables(),
      track,
      signal: this.abortion.signal,
      context: this.context(),
      within: 'execution',
    };
  }

  private context(): ContextObject {
    const { identity, input, clock } = this.options;
    return {
      Execution: {
        Id: identity.executionArn,
        Input: input,
        StartTime: new Date(clock.now()).toISOString(),
        Name: identity.name,
        RoleArn: identity.roleArn,
        RedriveCount: 0,
      },
      StateMachine: { Id: identity.stateMachineArn, Name: identity.stateMachineName },
    };
  }

  private async runChild({ workflow, input, label, signal }: ChildWorkflow): Promise<unknown> {
    const { identity, chance } = this.options;
    const name = chance.uuid();
    const stateMachineArn = `${identity.stateMachineArn}/${label}`;
    const child = new Execution({
      ...this.options,
      machine: workflow,
      input,
      identity: {
        ...identity,
        name,
        stateMachineArn,
        stateMachineName: `${identity.stateMachineName}/${label}`,
        executionArn: `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`,
      },
    });
    const watch = innerAbort(signal);
    watch.signal.addEventListener('abort', () => child.abort());
    const result = await child.run();
    watch.abort();
    if (result.status === 'SUCCEEDED') return result.output;
    if (signal.aborted) throw new AbortedError('stopped');
    throw new StateError(result.error, result.cause);
  }
}
