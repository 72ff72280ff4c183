import { JumpClock } from '../../apps/local/clock';
import type { HistoryEvent } from '../../apps/local/asl/history';
import { isJson } from '../../apps/local/asl/json';
import type { Chance } from '../../apps/local/asl/ports';
import { ServiceError } from '../../apps/local/service';
import type { ExecutionRecord, ExecutionStore } from '../../apps/local/services/execution-record';
import { StatesService, type StatesOptions } from '../../apps/local/services/states';
import type { CloudPorts, Invocation } from '../../apps/local/services/task-integrations';
import type { AslCase, Behaviour } from './asl-cases';

/** Ids count up and random numbers are all one half, so that runs are the same each time. */
export function countingChance(): Chance {
  let count = 0;
  return { random: () => 0.5, uuid: () => `00000000-0000-4000-8000-${String(++count).padStart(12, '0')}` };
}

/** Keeps executions in memory, as a data folder would. */
export class MemoryExecutions implements ExecutionStore {
  readonly kept = new Map<string, ExecutionRecord>();

  async load(): Promise<readonly ExecutionRecord[]> {
    return [...this.kept.values()];
  }

  async save(record: ExecutionRecord): Promise<void> {
    this.kept.set(record.executionArn, record);
  }
}

async function noService(service: string, action: string): Promise<never> {
  throw new Error(`this test has no ${service}:${action}`);
}

/** A Step Functions service on a clock that jumps, with given functions. */
export async function openStates(
  clock: JumpClock,
  invokeFunction: CloudPorts['invokeFunction'],
  options: Partial<StatesOptions> = {},
): Promise<StatesService> {
  const cloud = { invokeFunction, callService: noService };
  return StatesService.open({
    clock,
    chance: countingChance(),
    cloud,
    store: new MemoryExecutions(),
    ...options,
  });
}

/** The functions of a recorded case. */
export function caseFunctions(
  lambdas: Record<string, Behaviour>,
  clock: JumpClock,
): CloudPorts['invokeFunction'] {
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
