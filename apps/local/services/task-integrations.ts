import * as z from 'zod/mini';
import type { Clock } from '../clock';
import { AbortedError, StateError } from '../asl/errors';
import { isJson, messageOf, parseJson, type Json } from '../asl/json';
import type { ContextObject, TaskCall, TaskPort } from '../asl/ports';
import { raise, underFaults, type Faults } from '../faults';
import { exited } from '../lambda/worker';
import { ServiceError, type Call } from '../service';
import type { TaskTokens } from './task-tokens';

/** Performs an API action as the role of an execution. @throws ServiceError as the service's API answers */
export type CallAsRole = (call: Omit<Call, 'caller'>, context: ContextObject) => Promise<unknown>;

/** What tasks need from the engine. */
export interface TaskNeeds {
  readonly clock: Clock;
  readonly call: CallAsRole;
  readonly tokens: TaskTokens;
  readonly faults?: Faults;
  /** Settles when an execution has ended, with what DescribeExecution says. */
  readonly finished: (executionArn: string) => Promise<Json>;
  readonly stop: (executionArn: string, cause: string) => void;
}

type Integration = (task: TaskCall, needs: TaskNeeds) => Promise<unknown>;

const INTEGRATIONS: Readonly<Record<string, Integration>> = {
  'lambda:invoke': lambdaInvoke,
  'lambda:invoke.waitForTaskToken': callback,
  'states:startExecution': start,
  'states:startExecution.sync:2': startAndWait,
};
const killed = exited('signal: killed');
const FUNCTION_ARN = /^arn:[^:]+:lambda:[^:]*:\d*:function:/;

function integrationOf(resource: string): Integration | undefined {
  if (FUNCTION_ARN.test(resource)) return (task, needs) => invoke(resource, task.arguments, task, needs);
  return INTEGRATIONS[/^arn:aws:states:::(.+)$/.exec(resource)?.[1] ?? ''];
}

/** Whether a Task's Resource can be performed here. */
export const isSupportedResource = (resource: string): boolean => integrationOf(resource) !== undefined;

/** The task integrations of the embedded Step Functions, with a fault point before and after each. */
export function taskPort(needs: TaskNeeds): TaskPort {
  return {
    run: (task) =>
      underFaults({
        at: async (phase) => needs.faults?.at({ boundary: 'task', phase, ...pointOf(task) }),
        clock: needs.clock,
        // Resources are checked when a definition is read.
        perform: () => integrationOf(task.resource)!(task, needs),
        failed: (error, message) => raise(new StateError(error, message)),
        killed: () => raise(new StateError(killed.errorType, JSON.stringify(killed))),
        lost: () => raise(answerLost(task)),
      }),
    readObject: async (Bucket, Key, context) => {
      const get = { service: 's3', action: 'GetObject', input: { Bucket, Key } };
      const answer = await needs.call(get, context).catch(unreadable);
      return StoredObject.parse(answer).body.toString('utf8');
    },
  };
}

const StoredObject = z.object({ body: z.instanceof(Buffer) });
const Invoked = z.object({ Payload: z.string(), FunctionError: z.optional(z.string()) });
const Raised = z.object({ errorType: z.string() });
const Started = z.object({ executionArn: z.string(), startDate: z.number() });

function ask({ call }: TaskNeeds, service: Service, action: string, input: Json, task: TaskCall) {
  const failed = (failure: unknown) => raise(asStateError(failure, service));
  return call({ service, action, input }, task.context).catch(failed);
}

async function invoke(FunctionName: unknown, event: unknown, task: TaskCall, needs: TaskNeeds) {
  const input = { FunctionName, Payload: JSON.stringify(event) };
  const { Payload, FunctionError } = Invoked.parse(await ask(needs, 'lambda', 'Invoke', input, task));
  const result: unknown = JSON.parse(Payload);
  if (FunctionError === undefined) return result;
  throw new StateError(Raised.safeParse(result).data?.errorType ?? 'Lambda.Unknown', Payload);
}

async function lambdaInvoke(task: TaskCall, needs: TaskNeeds): Promise<Json> {
  const fields = fieldsOf(task);
  const Payload = await invoke(fields['FunctionName'], eventOf(fields['Payload']), task, needs);
  return { ExecutedVersion: '$LATEST', Payload, StatusCode: 200 };
}

async function callback(task: TaskCall, needs: TaskNeeds): Promise<unknown> {
  const answered = needs.tokens.wait(task.context.Task!.Token, task.signal);
  task.submitted(await lambdaInvoke(task, needs));
  return answered;
}

async function start(task: TaskCall, needs: TaskNeeds) {
  const { Input, Name: name, StateMachineArn: stateMachineArn } = fieldsOf(task);
  const input = typeof Input === 'string' ? Input : JSON.stringify(Input ?? {});
  const answer = await ask(needs, 'states', 'StartExecution', { stateMachineArn, input, name }, task);
  const { executionArn, startDate } = Started.parse(answer);
  return { ExecutionArn: executionArn, StartDate: new Date(1000 * startDate).toISOString() };
}

async function startAndWait(task: TaskCall, needs: TaskNeeds): Promise<Json> {
  const started = await start(task, needs);
  task.submitted(started);
  const cause = 'The execution that started this one was stopped.';
  const stopToo = () => needs.stop(started.ExecutionArn, cause);
  task.signal.addEventListener('abort', stopToo, { once: true });
  const described = await needs.finished(started.ExecutionArn);
  task.signal.removeEventListener('abort', stopToo);
  if (task.signal.aborted) throw new AbortedError('stopped');
  const failed = described['status'] !== 'SUCCEEDED';
  const result = sdkShape(described, failed ? 'text' : 'json');
  if (failed) throw new StateError('States.TaskFailed', JSON.stringify(result));
  return result;
}

function unreadable(failure: unknown): never {
  throw new StateError('States.ItemReaderFailed', messageOf(failure));
}

function pointOf({ resource, stateName, context, ...task }: TaskCall) {
  const functionName = FUNCTION_ARN.test(resource) ? resource : fieldsOf(task)['FunctionName'];
  return {
    resource,
    ...(typeof functionName === 'string' ? { functionName } : {}),
    stateName,
    machine: context.StateMachine.Id,
    execution: context.Execution.Id,
  };
}

function fieldsOf(task: Pick<TaskCall, 'arguments'>): Json {
  return isJson(task.arguments) ? task.arguments : {};
}

// Recorded: a Payload that is a string is the raw text of the event; none or null calls the function with {}.
function eventOf(payload: unknown): unknown {
  if (typeof payload !== 'string') return payload ?? {};
  const why = 'Could not parse request body into json.';
  return parseJson(payload, () => new StateError('Lambda.InvalidRequestContentException', why));
}

const pascal = (key: string) => key.charAt(0).toUpperCase() + key.slice(1);

// `.sync:2` gives Input and Output as JSON, failures give them as text (Step Functions guide, "Manage executions").
function sdkShape(described: Json, data: 'json' | 'text'): Json {
  const shaped = (key: string, value: unknown): unknown => {
    if (key === 'input' || key === 'output') return data === 'json' ? JSON.parse(String(value)) : value;
    if (key.endsWith('Details')) return { Included: true };
    return key === 'startDate' || key === 'stopDate' ? 1000 * Number(value) : value;
  };
  return Object.fromEntries(
    Object.entries(described).map(([key, value]) => [pascal(key), shaped(key, value)]),
  );
}

/** How Step Functions and the SDK inside it call a service in errors. */
const SDK_NAMES = {
  lambda: { prefix: 'Lambda', sdk: 'AWSLambda' },
  states: { prefix: 'StepFunctions', sdk: 'AWSStepFunctions' },
} as const;
type Service = keyof typeof SDK_NAMES;

// Step Functions names an SDK error <Service>.<Exception>.
function asStateError(failure: unknown, service: Service): StateError {
  const { prefix, sdk } = SDK_NAMES[service];
  if (!(failure instanceof ServiceError))
    return new StateError(`${prefix}.SdkClientException`, messageOf(failure));
  const { code, message, status } = failure;
  const name = code.endsWith('Exception') ? code : `${code}Exception`;
  const cause = `${message} (Service: ${sdk}; Status Code: ${status}; Error Code: ${code})`;
  return new StateError(`${prefix}.${name}`, cause);
}

function answerLost({ resource }: TaskCall): StateError {
  const service = resource.includes(':states:startExecution') ? 'states' : 'lambda';
  return asStateError('The answer was lost; whether the effect happened is unknown.', service);
}
