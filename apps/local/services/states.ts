import * as z from 'zod/mini';
import type { Clock } from '../clock';
import { parseDefinition, type StateMachine } from '../asl/definition';
import { DATA_LIMIT_BYTES } from '../asl/errors';
import { Execution } from '../asl/execution';
import { messageOf } from '../asl/json';
import type { Chance, ItemReaderPort } from '../asl/ports';
import type { Faults } from '../faults';
import { parseInput, ServiceError, unsupported, type Service } from '../service';
import {
  afterRestart,
  described,
  ended,
  listed,
  wireEvent,
  type ExecutionRecord,
  type ExecutionStore,
} from './execution-record';
import {
  isSupportedResource,
  TaskIntegrations,
  type CloudPorts,
  type NestedExecutions,
} from './task-integrations';
import { TaskTokens } from './task-tokens';

/** A state machine as it is deployed. */
export interface StateMachineResource {
  readonly stateMachineArn: string;
  readonly name: string;
  readonly roleArn: string;
  /** JSON text or object. */
  readonly definition: unknown;
  readonly type?: 'STANDARD' | 'EXPRESS';
}

/** What the service is made of. */
export interface StatesOptions {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly cloud: CloudPorts;
  readonly reader?: ItemReaderPort;
  readonly store: ExecutionStore;
  readonly faults?: Faults;
  /** Told when an execution starts and when it ends, with what DescribeExecution says (EventBridge sends these on). */
  readonly onStatus?: (execution: Record<string, unknown>) => void;
  /** Starts what a task starts, as its machine's role; without it the service starts it unasked. */
  readonly startNested?: NestedExecutions['start'];
}

type Input = Record<string, unknown>;
type Answer = Record<string, unknown>;
type Deployed = StateMachineResource & { readonly machine: StateMachine; readonly createdAt: number };

type Started = { executionArn: string; startDate: number };
type Named = Pick<ExecutionRecord, 'executionArn' | 'name' | 'input'>;

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
const OfMachine = z.object({ stateMachineArn: text });
const History = z.object({
  executionArn: text,
  reverseOrder: z.optional(z.boolean()),
  includeExecutionData: z.optional(z.boolean()),
  ...paging,
});
const List = z.object({ stateMachineArn: text, statusFilter: maybe, ...paging });
const Success = z.object({ taskToken: text, output: text });
const Failure = z.object({ taskToken: text, error: maybe, cause: maybe });
const Beat = z.object({ taskToken: text });

type Perform = (input: Input) => Promise<Answer>;
const on =
  <T>(schema: z.ZodMiniType<T>, perform: (input: T) => Answer | Promise<Answer> | void): Perform =>
  async (input) =>
    (await perform(parseInput(schema, input))) ?? {};

/** Step Functions of the embedded cloud: state machines, their executions, task tokens. */
export class StatesService implements Service {
  readonly name = 'states';
  private readonly actions: Readonly<Record<string, Perform>> = {
    StartExecution: on(Start, (input) => this.start(input)),
    StopExecution: on(Stop, (input) => this.stopExecution(input)),
    DescribeExecution: on(OfExecution, ({ executionArn }) => described(this.record(executionArn))),
    GetExecutionHistory: on(History, (input) => this.history(input)),
    ListExecutions: on(List, (input) => this.list(input)),
    ListStateMachines: async () => ({ stateMachines: [...this.machines.values()].map(summary) }),
    DescribeStateMachine: on(OfMachine, ({ stateMachineArn }) => this.describeMachine(stateMachineArn)),
    SendTaskSuccess: on(Success, ({ taskToken, output }) =>
      this.tokens.succeed(taskToken, parsed(output, 'InvalidOutput')),
    ),
    SendTaskFailure: on(Failure, ({ taskToken, error, cause }) =>
      this.tokens.fail(taskToken, error ?? undefined, cause ?? undefined),
    ),
    SendTaskHeartbeat: on(Beat, ({ taskToken }) => this.tokens.beat(taskToken)),
  };
  private readonly machines = new Map<string, Deployed>();
  private readonly executions = new Map<string, Kept>();
  private readonly tokens = new TaskTokens();
  private readonly tasks: TaskIntegrations;
  private stopping = false;

  private constructor(private readonly options: StatesOptions) {
    const nested: NestedExecutions = {
      start: options.startNested ?? ((input) => this.handle('StartExecution', input)),
      ended: (executionArn) => this.finished(executionArn),
      stop: (executionArn, cause) => void this.stopExecution({ executionArn, cause }),
    };
    this.tasks = new TaskIntegrations({ ...options, nested, tokens: this.tokens });
  }

  /** Opens the service on its stored executions; those that were running are ended as aborted. */
  static async open(options: StatesOptions): Promise<StatesService> {
    const service = new StatesService(options);
    for (const stored of await options.store.load()) {
      const record = afterRestart(stored, options.clock.now());
      service.executions.set(record.executionArn, { record, done: Promise.resolve() });
      if (record !== stored) await service.tell(record);
    }
    return service;
  }

  /** Creates a state machine or replaces its definition. @throws DefinitionError naming what is not supported */
  deploy(resource: StateMachineResource): void {
    const machine = parseDefinition(resource.definition, isSupportedResource);
    this.machines.set(resource.stateMachineArn, {
      ...resource,
      machine,
      createdAt: this.options.clock.now() / 1000,
    });
  }

  /** Stops without ending executions: they are kept as running, and are ended as aborted at the next start. */
  async stop(): Promise<void> {
    this.stopping = true;
    const running = [...this.executions.values()].filter(({ execution }) => execution);
    for (const { record } of running) await this.options.store.save(this.record(record.executionArn));
    for (const { execution } of running) execution?.abort();
    await Promise.all(running.map(({ done }) => done));
  }

  /** Resolves when an execution has ended, with what DescribeExecution says. */
  async finished(executionArn: string): Promise<Record<string, unknown>> {
    await this.find(executionArn).done;
    return described(this.find(executionArn).record);
  }

  /** The kept record with its whole history. @throws ServiceError ExecutionDoesNotExist */
  record(executionArn: string): ExecutionRecord {
    const { record, execution } = this.find(executionArn);
    if (!execution) return record;
    return { ...record, history: [...execution.history], transitions: execution.transitions };
  }

  async handle(action: string, input: Input): Promise<Answer> {
    const perform = this.actions[action];
    if (!perform) throw unsupported(this.name, action);
    return perform(input);
  }

  private start({ stateMachineArn, input: given, name: asked }: z.infer<typeof Start>): Started {
    if (this.stopping)
      throw new ServiceError('ServiceUnavailable', 'The engine is stopping; nothing was started.', 503);
    const deployed = this.machine(stateMachineArn);
    const name = asked ?? this.options.chance.uuid();
    if (!NAME.test(name)) throw new ServiceError('InvalidName', `Invalid Name: '${name}'`);
    const value = parsed(given, 'InvalidExecutionInput');
    const size = Buffer.byteLength(given);
    if (size > DATA_LIMIT_BYTES) {
      const why = `input: got ${size} bytes, want at most ${DATA_LIMIT_BYTES}; nothing was started`;
      throw new ServiceError('ValidationException', why);
    }
    const executionArn = this.executionArn(deployed, name);
    const before = this.executions.get(executionArn)?.record;
    if (before && this.nameTaken(before)) {
      const { status, input, startDate } = before;
      if (status === 'RUNNING' && input === given) return { executionArn, startDate };
      throw new ServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${executionArn}'`);
    }
    return this.launch(deployed, { executionArn, name, input: given }, value);
  }

  private executionArn({ stateMachineArn, type }: Deployed, name: string): string {
    // An Express workflow does not keep names: each start is an execution of its own.
    if (type === 'EXPRESS')
      return `${stateMachineArn.replace(':stateMachine:', ':express:')}:${name}:${this.options.chance.uuid()}`;
    return `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
  }

  private nameTaken({ stopDate }: ExecutionRecord): boolean {
    return stopDate === undefined || this.options.clock.now() / 1000 - stopDate < NAME_KEPT_SECONDS;
  }

  private launch(deployed: Deployed, named: Named, input: unknown): Started {
    const { clock } = this.options;
    const { stateMachineArn, name: stateMachineName, roleArn, machine } = deployed;
    const { executionArn, name } = named;
    const identity = { executionArn, name, stateMachineArn, stateMachineName, roleArn };
    const execution = new Execution({ ...this.options, machine, input, identity, tasks: this.tasks });
    const startDate = clock.now() / 1000;
    const fresh = { status: 'RUNNING', transitions: 0, history: [] } as const;
    const record = { ...named, stateMachineArn, startDate, ...fresh };
    this.executions.set(executionArn, { record, execution, done: this.follow(executionArn, execution) });
    return { executionArn, startDate };
  }

  private async follow(executionArn: string, execution: Execution): Promise<void> {
    // The entry is set by the caller once this function first waits.
    await Promise.resolve();
    await this.tell(this.record(executionArn));
    const result = await execution.run();
    if (this.stopping) return;
    const last = ended(this.record(executionArn), result, this.options.clock.now() / 1000);
    this.executions.set(executionArn, { record: last, done: Promise.resolve() });
    await this.tell(last);
  }

  private async tell(record: ExecutionRecord): Promise<void> {
    await this.options.store.save(record);
    this.options.onStatus?.(described(record));
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

  private describeMachine(stateMachineArn: string): Answer {
    const machine = this.machine(stateMachineArn);
    const { definition, roleArn } = machine;
    const source = typeof definition === 'string' ? definition : JSON.stringify(definition);
    return { ...summary(machine), status: 'ACTIVE', definition: source, roleArn };
  }

  private machine(arn: string): Deployed {
    const found = this.machines.get(arn);
    if (!found) throw new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
    return found;
  }

  private find(arn: string): Kept {
    const found = this.executions.get(arn);
    if (!found) throw new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    return found;
  }
}

function summary({ stateMachineArn, name, type, createdAt }: Deployed): Record<string, unknown> {
  return { stateMachineArn, name, type: type ?? 'STANDARD', creationDate: createdAt };
}

function paged<T>(all: readonly T[], asked: { nextToken: number; maxResults: number }) {
  const to = asked.nextToken + Math.min(asked.maxResults || 100, 1000);
  const items = all.slice(asked.nextToken, to);
  return to < all.length ? { items, nextToken: String(to) } : { items };
}

function parsed(source: string, code: 'InvalidExecutionInput' | 'InvalidOutput'): unknown {
  try {
    return JSON.parse(source);
  } catch (failure) {
    throw new ServiceError(code, `${code}: ${messageOf(failure)}`);
  }
}
