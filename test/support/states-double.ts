import { JumpClock } from './jump-clock';
import type { HistoryEvent } from '../../apps/local/asl/history';
import { isJson } from '../../apps/local/asl/json';
import type { Chance } from '../../apps/local/asl/ports';
import { ServiceError } from '../../apps/local/service';
import type { ExecutionRecord, ExecutionStore } from '../../apps/local/services/execution-record';
import { StatesService, type StatesOptions } from '../../apps/local/services/states';
import type { CallAsRole } from '../../apps/local/services/task-integrations';
import type { AslCase, Behaviour } from './asl-cases';

/** Ids count up and random numbers are all one half, so that runs are the same each time. */
export function countingChance(): Chance {
  let count = 0;
  return { random: () => 0.5, uuid: () => `00000000-0000-4000-8000-${String(++count).padStart(12, '0')}` };
}

/** Keeps executions in memory, as a data folder would. */
export class MemoryExecutions implements ExecutionStore {
  readonly kept = new Map<string, ExecutionRecord>();

  all(): readonly ExecutionRecord[] {
    return [...this.kept.values()];
  }

  save(record: ExecutionRecord): void {
    this.kept.set(record.executionArn, record);
  }
}

/** What a function answered; `functionError` marks an error it raised, with `{errorMessage, errorType, …}` as payload. */
export interface Invocation {
  readonly payload: unknown;
  readonly functionError?: 'Unhandled';
}

/** Runs a function by name or ARN. @throws ServiceError as Lambda's API answers */
export type InvokeFunction = (nameOrArn: string, payload: unknown) => Promise<Invocation>;

/** Tasks that reach nothing but functions, and what else is given. */
export function functionsOnly(invokeFunction: InvokeFunction, others?: CallAsRole): CallAsRole {
  return async (call, context) => {
    const { service, action, input } = call;
    if (service !== 'lambda') {
      if (others) return others(call, context);
      throw new Error(`this test has no ${service}:${action}`);
    }
    const event: unknown = JSON.parse(String(input['Payload']));
    const { payload, functionError } = await invokeFunction(String(input['FunctionName']), event);
    return { Payload: JSON.stringify(payload), FunctionError: functionError };
  };
}

/** A Step Functions service on a clock that jumps, with given functions; machines may start each other. */
export async function openStates(
  clock: JumpClock,
  invokeFunction: InvokeFunction,
  options: Partial<StatesOptions> = {},
): Promise<StatesService> {
  const nested: CallAsRole = (call, context) =>
    call.service === 'states' || !options.call
      ? states.handle(call.action, call.input)
      : options.call(call, context);
  const states: StatesService = new StatesService({
    clock,
    chance: countingChance(),
    store: new MemoryExecutions(),
    ...options,
    call: functionsOnly(invokeFunction, nested),
  });
  return states;
}

/** The functions of a recorded case. */
export function caseFunctions(lambdas: Record<string, Behaviour>, clock: JumpClock): InvokeFunction {
  return async (nameOrArn, event) => {
    const shortName = nameOrArn.split(':').at(-1);
    const found = Object.entries(lambdas).find(([key]) => key.split(':').at(-1) === shortName);
    if (!found || found[1].behaviour === 'missing') {
      throw new ServiceError('ResourceNotFoundException', `Function not found: ${nameOrArn}:$LATEST`, 404);
    }
    return behave(found[1], event, clock);
  };
}

async function behave(
  lambda: Exclude<Behaviour, { behaviour: 'missing' }>,
  event: unknown,
  clock: JumpClock,
): Promise<Invocation> {
  switch (lambda.behaviour) {
    case 'echo':
      return { payload: event };
    case 'return':
      return { payload: lambda.repeat ? lambda.repeat.text.repeat(lambda.repeat.count) : lambda.value };
    case 'throw': {
      const { errorType, errorMessage } = lambda;
      return {
        payload: { errorMessage, errorType, requestId: 'request', stackTrace: [] },
        functionError: 'Unhandled',
      };
    }
    case 'timeout':
      await clock.sleep(1000 * lambda.seconds);
      return { payload: event };
    default:
      return lambda satisfies never;
  }
}

const REGION = 'arn:aws:states:us-east-1:111111111111';
/** The machine every recorded case runs as. */
export const CASE_MACHINE = {
  stateMachineArn: `${REGION}:stateMachine:statemachine`,
  name: 'statemachine',
  roleArn: 'arn:aws:iam::111111111111:role/statemachine_role',
};

/** Runs a recorded case. @throws DefinitionError when the definition is refused */
export async function runCase(recorded: AslCase): Promise<ExecutionRecord> {
  const clock = new JumpClock();
  const states = await openStates(clock, caseFunctions(recorded.lambdas, clock));
  states.deploy({ ...CASE_MACHINE, definition: recorded.definition });
  for (const [stateMachineArn, definition] of Object.entries(recorded.stateMachines ?? {})) {
    states.deploy({
      ...CASE_MACHINE,
      stateMachineArn,
      name: stateMachineArn.split(':').at(-1) ?? '',
      definition,
    });
  }
  const { stateMachineArn } = CASE_MACHINE;
  await states.handle('StartExecution', {
    stateMachineArn,
    name: 'execution',
    input: JSON.stringify(recorded.input),
  });
  const executionArn = `${REGION}:execution:statemachine:execution`;
  await clock.runUntil(states.finished(executionArn));
  return states.record(executionArn);
}

/** Event types of a history as the recorded cases write them: with the state's name where there is one. */
export function eventNames(history: readonly HistoryEvent[]): string[] {
  return history.map((event) => {
    const found: unknown = Object.entries(event).find(([key]) => key.endsWith('EventDetails'))?.[1];
    const details = isJson(found) ? found : {};
    const name = event.type === 'EvaluationFailed' ? details['state'] : details['name'];
    return typeof name === 'string' ? `${event.type}:${name}` : event.type;
  });
}
