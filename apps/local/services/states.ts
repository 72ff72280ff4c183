import type { Clock } from '../clock';
import { parseDefinition, type StateMachine } from '../asl/definition';
import { DATA_LIMIT_BYTES } from '../asl/errors';
import { Execution } from '../asl/execution';
import { messageOf } from '../asl/json';
import type { Chance, ItemReaderPort } from '../asl/ports';
import type { Faults } from '../faults';
import { ServiceError, type Service } from '../service';
import {
  afterRestart,
  described,
  ended,
  listed,
  wireEvent,
  type ExecutionRecord,
  type ExecutionStore,
} from './execution-record';
import { isSupportedResource, TaskIntegrations, type CloudPorts } from './task-integrations';
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
}

type Input = Record<string, unknown>;
type Deployed = StateMachineResource & { readonly machine: StateMachine; readonly createdAt: number };

interface Kept {
  record: ExecutionRecord;
  /** Present while it runs here. */
  readonly execution?: Execution;
  readonly done: Promise<void>;
}

const NAME = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]{1,80}$/u;
const NAME_KEPT_SECONDS = 90 * 24 * 3600;

/** Step Functions of the embedded cloud: state machines, their executions, task tokens. */
export class StatesService implements Service {
  readonly name = 'states';
  private readonly machines = new Map<string, Deployed>();
  private readonly executions = new Map<string, Kept>();
  private readonly tokens = new TaskTokens();
  private readonly tasks: TaskIntegrations;
  private stopping = false;

  private constructor(private readonly options: StatesOptions) {
    const { clock, cloud, faults } = options;
    const nested = {
      start: (input: Input) => this.startExecution(input),
      ended: async (arn: string) => {
        await this.find(arn).done;
        return described(this.find(arn).record);
      },
      stop: (executionArn: string, cause: string) => void this.stopExecution({ executionArn, cause }),
    };
    this.tasks = new TaskIntegrations({
      clock,
      cloud,
      nested,
      tokens: this.tokens,
      ...(faults ? { faults } : {}),
    });
  }

  /** Opens the service on its stored executions; those that were running are ended as aborted. */
  static async open(options: StatesOptions): Promise<StatesService> {
    const service = new StatesService(options);
    for (const stored of await options.store.load()) {
      const record = afterRestart(stored, options.clock.now());
      service.executions.set(record.executionArn, { record, done: Promise.resolve() });
      if (record === stored) continue;
      await options.store.save(record);
      options.onStatus?.(described(record));
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
    for (const kept of running) await this.save(kept);
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
    return execution
      ? { ...record, history: [...execution.history], transitions: execution.transitions }
      : record;
  }

  async handle(action: string, input: Input): Promise<Record<string, unknown>> {
    switch (action) {
      case 'StartExecution':
        return this.startExecution(input);
      case 'StopExecution':
        return this.stopExecution(input);
      case 'DescribeExecution':
        return described(this.record(text(input, 'executionArn')));
      case 'GetExecutionHistory':
        return this.history(input);
      case 'ListExecutions':
        return this.list(input);
      case 'ListStateMachines':
        return { stateMachines: [...this.machines.values()].map(summary) };
      case 'DescribeStateMachine':
        return this.describeMachine(input);
      case 'SendTaskSuccess':
        this.tokens.succeed(text(input, 'taskToken'), parsed(text(input, 'output'), 'InvalidOutput'));
        return {};
      case 'SendTaskFailure':
        this.tokens.fail(
          text(input, 'taskToken'),
          optionalText(input, 'error'),
          optionalText(input, 'cause'),
        );
        return {};
      case 'SendTaskHeartbeat':
        this.tokens.beat(text(input, 'taskToken'));
        return {};
      default:
        throw new ServiceError('UnsupportedOperation', `gapless local does not implement states:${action}`);
    }
  }

  private startExecution(input: Input): { executionArn: string; startDate: number } {
    if (this.stopping)
      throw new ServiceError('ServiceUnavailable', 'The engine is stopping; nothing was started.', 503);
    const deployed = this.machine(text(input, 'stateMachineArn'));
    const name = optionalText(input, 'name') ?? this.options.chance.uuid();
    if (!NAME.test(name)) throw new ServiceError('InvalidName', `Invalid Name: '${name}'`);
    const given = optionalText(input, 'input') ?? '{}';
    const value = parsed(given, 'InvalidExecutionInput');
    if (Buffer.byteLength(given) > DATA_LIMIT_BYTES) {
      throw new ServiceError(
        'ValidationException',
        `input: got ${Buffer.byteLength(given)} bytes, want at most ${DATA_LIMIT_BYTES}; nothing was started`,
      );
    }
    const executionArn = this.executionArn(deployed, name);
    const before = this.executions.get(executionArn)?.record;
    if (before && this.nameTaken(before)) {
      if (before.status === 'RUNNING' && before.input === given)
        return { executionArn, startDate: before.startDate };
      throw new ServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${executionArn}'`);
    }
    return this.launch(deployed, { executionArn, name, given, value });
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

  private launch(
    deployed: Deployed,
    {
      executionArn,
      name,
      given,
      value,
    }: { executionArn: string; name: string; given: string; value: unknown },
  ): { executionArn: string; startDate: number } {
    const { clock, chance, reader } = this.options;
    const { stateMachineArn, roleArn, machine } = deployed;
    const execution = new Execution({
      machine,
      input: value,
      identity: { executionArn, name, stateMachineArn, stateMachineName: deployed.name, roleArn },
      clock,
      tasks: this.tasks,
      chance,
      ...(reader ? { reader } : {}),
    });
    const startDate = clock.now() / 1000;
    const record = {
      executionArn,
      stateMachineArn,
      name,
      input: given,
      startDate,
      status: 'RUNNING',
      transitions: 0,
      history: [],
    } as const;
    this.executions.set(executionArn, { record, execution, done: this.follow(executionArn, execution) });
    return { executionArn, startDate };
  }

  private async follow(executionArn: string, execution: Execution): Promise<void> {
    // The entry is set by the caller once this function first waits.
    await Promise.resolve();
    const kept = this.find(executionArn);
    await this.save(kept);
    this.options.onStatus?.(described(kept.record));
    const result = await execution.run();
    if (this.stopping) return;
    const last = ended(this.record(executionArn), result, this.options.clock.now() / 1000);
    this.executions.set(executionArn, { record: last, done: Promise.resolve() });
    await this.options.store.save(last);
    this.options.onStatus?.(described(last));
  }

  private save({ record, execution }: Kept): Promise<void> {
    return this.options.store.save({
      ...record,
      history: [...(execution?.history ?? [])],
      transitions: execution?.transitions ?? 0,
    });
  }

  private async stopExecution(input: Input): Promise<{ stopDate: number }> {
    const kept = this.find(text(input, 'executionArn'));
    kept.execution?.abort({ error: optionalText(input, 'error'), cause: optionalText(input, 'cause') });
    await kept.done;
    return {
      stopDate: this.find(kept.record.executionArn).record.stopDate ?? this.options.clock.now() / 1000,
    };
  }

  private history(input: Input): Record<string, unknown> {
    const { history } = this.record(text(input, 'executionArn'));
    const ordered = input['reverseOrder'] === true ? history.toReversed() : history;
    const { items, ...page } = paged(ordered, input);
    const data = input['includeExecutionData'] === false ? 'without data' : 'with data';
    return { events: items.map((event) => wireEvent(event, data)), ...page };
  }

  private list(input: Input): Record<string, unknown> {
    const { stateMachineArn } = this.machine(text(input, 'stateMachineArn'));
    const records = [...this.executions.values()]
      .map(({ record }) => record)
      .filter((record) => record.stateMachineArn === stateMachineArn)
      .filter(({ status }) => input['statusFilter'] === undefined || status === input['statusFilter'])
      .toReversed();
    const { items, ...page } = paged(records, input);
    return { executions: items.map(listed), ...page };
  }

  private describeMachine(input: Input): Record<string, unknown> {
    const machine = this.machine(text(input, 'stateMachineArn'));
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

function paged<T>(all: readonly T[], input: Input): { items: readonly T[]; nextToken?: string } {
  const from = Number(input['nextToken'] ?? 0);
  const most = Math.min(Number(input['maxResults'] ?? 100) || 100, 1000);
  const next = from + most < all.length ? { nextToken: String(from + most) } : {};
  return { items: all.slice(from, from + most), ...next };
}

function text(input: Input, field: string): string {
  const value = optionalText(input, field);
  if (value === undefined)
    throw new ServiceError('ValidationException', `${field}: got nothing, want a string`);
  return value;
}

function optionalText(input: Input, field: string): string | undefined {
  const value = input[field];
  if (value === undefined || value === null || typeof value === 'string') return value ?? undefined;
  throw new ServiceError(
    'ValidationException',
    `${field}: got a value of type ${typeof value}, want a string`,
  );
}

function parsed(source: string, code: 'InvalidExecutionInput' | 'InvalidOutput'): unknown {
  try {
    return JSON.parse(source);
  } catch (failure) {
    throw new ServiceError(code, `${code}: ${messageOf(failure)}`);
  }
}
