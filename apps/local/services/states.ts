import * as z from 'zod/mini';
import { parseDefinition, type Workflow } from '../asl/definition';
import { DATA_LIMIT_BYTES } from '../asl/errors';
import { Execution } from '../asl/execution';
import { parseJson } from '../asl/json';
import type { Outside, TaskPort } from '../asl/ports';
import type { Faults } from '../faults';
import { action, ActionTable, ServiceError, type Answer } from '../service';
import { afterRestart, described, ended, listed, wireEvent } from './execution-record';
import type { ExecutionRecord, ExecutionStore } from './execution-record';
import { isSupportedResource, taskPort, type CallAsRole } from './task-integrations';
import { TaskTokens } from './task-tokens';

/** A state machine as it is deployed. */
export interface StateMachineResource {
  readonly stateMachineArn: string;
  readonly name: string;
  readonly roleArn: string;
  /** JSON text or object. */
  readonly definition: unknown;
}

/** What the service is made of. */
export interface StatesOptions extends Omit<Outside, 'tasks'> {
  readonly call: CallAsRole;
  readonly store: ExecutionStore;
  readonly faults?: Faults;
  /** Told when an execution starts and when it ends (EventBridge sends these on). */
  readonly onStatus?: (execution: ExecutionRecord) => void;
}

type Deployed = StateMachineResource & { readonly machine: Workflow; readonly createdAt: number };
type Started = { executionArn: string; startDate: number };

interface Kept {
  record: ExecutionRecord;
  /** Present while it runs here. */
  readonly execution?: Execution;
  readonly done: Promise<void>;
}

const NAME = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]{1,80}$/u;
const NAME_KEPT_SECONDS = 90 * 24 * 3600;

const text = z.string();
const maybe = z.optional(z.nullable(z.string()));
const paging = {
  nextToken: z.prefault(z.coerce.number(), 0),
  maxResults: z.prefault(z.coerce.number(), 100),
};
const Start = z.object({ stateMachineArn: text, name: maybe, input: z.prefault(text, '{}') });
const Stop = z.object({ executionArn: text, error: maybe, cause: maybe });
const OfExecution = z.object({ executionArn: text });
const flag = z.optional(z.boolean());
const History = z.extend(OfExecution, { reverseOrder: flag, includeExecutionData: flag, ...paging });
const List = z.object({ stateMachineArn: text, statusFilter: maybe, ...paging });
const Success = z.object({ taskToken: text, output: text });

/** Step Functions of the embedded cloud: state machines, their executions, task tokens. */
export class StatesService extends ActionTable {
  readonly name = 'states';
  protected readonly actions = {
    StartExecution: action(Start, (input) => this.start(input)),
    StopExecution: action(Stop, (input) => this.stopExecution(input)),
    DescribeExecution: action(OfExecution, ({ executionArn }) => described(this.record(executionArn))),
    GetExecutionHistory: action(History, (input) => this.history(input)),
    ListExecutions: action(List, (input) => this.list(input)),
    ListStateMachines: () => ({ stateMachines: [...this.machines.values()].map(summary) }),
    SendTaskSuccess: action(Success, ({ taskToken, output }) =>
      this.tokens.succeed(taskToken, parsed(output, 'InvalidOutput')),
    ),
  };
  private readonly machines = new Map<string, Deployed>();
  private readonly executions = new Map<string, Kept>();
  private readonly tokens = new TaskTokens();
  private readonly tasks: TaskPort;
  private stopping = false;

  /** Opens the service on its stored executions; those that were running are ended as aborted. */
  constructor(private readonly options: StatesOptions) {
    super();
    this.tasks = taskPort({
      ...options,
      tokens: this.tokens,
      finished: (executionArn) => this.finished(executionArn),
      stop: (executionArn, cause) => void this.stopExecution({ executionArn, cause }),
    });
    // Listings are in the order of starts.
    for (const stored of options.store.all().toSorted((a, b) => a.startDate - b.startDate)) {
      const record = afterRestart(stored, options.clock.now());
      this.executions.set(record.executionArn, { record, done: Promise.resolve() });
      if (record !== stored) this.tell(record);
    }
  }

  /** Creates a state machine or replaces its definition. @throws DefinitionError naming what is not supported */
  deploy(resource: StateMachineResource): void {
    const machine = parseDefinition(resource.definition, isSupportedResource);
    const createdAt = this.options.clock.now() / 1000;
    this.machines.set(resource.stateMachineArn, { ...resource, machine, createdAt });
  }

  /** Stops without ending executions: they are kept as running, and are ended as aborted at the next start. */
  async stop(): Promise<void> {
    this.stopping = true;
    const running = [...this.executions.values()].filter(({ execution }) => execution);
    for (const { record } of running) this.options.store.save(this.record(record.executionArn));
    for (const { execution } of running) execution?.abort();
    await Promise.all(running.map(({ done }) => done));
  }

  /** Resolves when an execution has ended, with what DescribeExecution says. */
  async finished(executionArn: string): Promise<Answer> {
    await this.find(executionArn).done;
    return described(this.find(executionArn).record);
  }

  /** The kept record with its whole history. @throws ServiceError ExecutionDoesNotExist */
  record(executionArn: string): ExecutionRecord {
    const { record, execution } = this.find(executionArn);
    if (!execution) return record;
    return { ...record, history: [...execution.history] };
  }

  private start({ stateMachineArn, input: given, name: asked }: z.infer<typeof Start>): Started {
    if (this.stopping)
      throw new ServiceError('ServiceUnavailable', 'The engine is stopping; nothing was started.', 503);
    const deployed = this.machine(stateMachineArn);
    const name = asked ?? this.options.chance.uuid();
    if (!NAME.test(name)) throw new ServiceError('InvalidName', `Invalid Name: '${name}'`);
    const value = parsed(given, 'InvalidExecutionInput');
    const size = Buffer.byteLength(given);
    const why = `input: got ${size} bytes, want at most ${DATA_LIMIT_BYTES}; nothing was started`;
    if (size > DATA_LIMIT_BYTES) throw new ServiceError('ValidationException', why);
    const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    const before = this.executions.get(executionArn)?.record;
    if (before && this.nameTaken(before)) {
      const { status, input, startDate } = before;
      if (status === 'RUNNING' && input === given) return { executionArn, startDate };
      throw new ServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${executionArn}'`);
    }
    return this.launch(deployed, { executionArn, name, input: given }, value);
  }

  private nameTaken({ stopDate }: ExecutionRecord): boolean {
    return stopDate === undefined || this.options.clock.now() / 1000 - stopDate < NAME_KEPT_SECONDS;
  }

  private launch(
    { stateMachineArn, name: machineName, roleArn: RoleArn, machine }: Deployed,
    named: Pick<ExecutionRecord, 'executionArn' | 'name' | 'input'>,
    Input: unknown,
  ): Started {
    const now = this.options.clock.now();
    const { executionArn, name: Name } = named;
    const about = { Id: executionArn, Name, RoleArn, Input, RedriveCount: 0 };
    const context = {
      Execution: { ...about, StartTime: new Date(now).toISOString() },
      StateMachine: { Id: stateMachineArn, Name: machineName },
    };
    const execution = new Execution({ ...this.options, tasks: this.tasks, machine, context });
    const fresh = { startDate: now / 1000, status: 'RUNNING', history: [] } as const;
    const record = { ...named, stateMachineArn, ...fresh };
    this.executions.set(executionArn, { record, execution, done: this.follow(executionArn, execution) });
    return { executionArn, startDate: fresh.startDate };
  }

  private async follow(executionArn: string, execution: Execution): Promise<void> {
    // The entry is set by the caller once this function first waits.
    await Promise.resolve();
    this.tell(this.record(executionArn));
    const result = await execution.run();
    if (this.stopping) return;
    const last = ended(this.record(executionArn), result, this.options.clock.now() / 1000);
    this.executions.set(executionArn, { record: last, done: Promise.resolve() });
    this.tell(last);
  }

  private tell(record: ExecutionRecord): void {
    this.options.store.save(record);
    this.options.onStatus?.(record);
  }

  private async stopExecution({ executionArn, error, cause }: z.infer<typeof Stop>) {
    const kept = this.find(executionArn);
    kept.execution?.abort({ error: error ?? undefined, cause: cause ?? undefined });
    await kept.done;
    return { stopDate: this.record(executionArn).stopDate ?? this.options.clock.now() / 1000 };
  }

  private history(input: z.infer<typeof History>): Answer {
    const { history } = this.record(input.executionArn);
    const { items, ...page } = paged(input.reverseOrder ? history.toReversed() : history, input);
    const data = input.includeExecutionData === false ? 'without data' : 'with data';
    return { events: items.map((event) => wireEvent(event, data)), ...page };
  }

  private list({ stateMachineArn, statusFilter, ...asked }: z.infer<typeof List>): Answer {
    this.machine(stateMachineArn);
    const records = [...this.executions.values()]
      .map(({ record }) => record)
      .filter((record) => record.stateMachineArn === stateMachineArn)
      .filter(({ status }) => !statusFilter || status === statusFilter)
      .toReversed();
    const { items, ...page } = paged(records, asked);
    return { executions: items.map(listed), ...page };
  }

  private machine(arn: string): Deployed {
    return this.machines.get(arn) ?? missing('State Machine', arn);
  }

  private find(arn: string): Kept {
    return this.executions.get(arn) ?? missing('Execution', arn);
  }
}

function summary({ stateMachineArn, name, createdAt }: Deployed): Answer {
  return { stateMachineArn, name, type: 'STANDARD', creationDate: createdAt };
}

function missing(what: 'State Machine' | 'Execution', arn: string): never {
  const code = `${what.replace(' ', '')}DoesNotExist`;
  throw new ServiceError(code, `${what} Does Not Exist: '${arn}'`);
}

function paged<T>(all: readonly T[], asked: { nextToken: number; maxResults: number }) {
  const to = asked.nextToken + Math.min(asked.maxResults || 100, 1000);
  const items = all.slice(asked.nextToken, to);
  return to < all.length ? { items, nextToken: String(to) } : { items };
}

const parsed = (source: string, code: 'InvalidExecutionInput' | 'InvalidOutput') =>
  parseJson(source, (why) => new ServiceError(code, `${code}: ${why}`));
