import * as z from 'zod/mini';
import type { Clock } from '../clock';
import { AbortedError, StateError } from '../asl/errors';
import { isJson, messageOf, type Json } from '../asl/json';
import type { ContextObject, TaskCall, TaskPort } from '../asl/ports';
import { underFaults, type Faults } from '../faults';
import { ServiceError } from '../service';
import type { TaskTokens } from './task-tokens';

/** What a function answered; `functionError` marks an error it raised, with `{errorMessage, errorType, …}` as payload. */
export interface Invocation {
  readonly payload: unknown;
  readonly functionError?: 'Unhandled' | undefined;
  readonly errorType?: string | undefined;
}

/** The machine on whose behalf a task acts. */
export interface TaskPrincipal {
  readonly roleArn: string;
  readonly stateMachineArn: string;
  readonly executionArn: string;
}

/** What tasks reach outside. */
export interface CloudPorts {
  /** @throws ServiceError as Lambda's API answers (ResourceNotFoundException, TooManyRequestsException …) */
  invokeFunction(nameOrArn: string, payload: unknown, principal: TaskPrincipal): Promise<Invocation>;
  /** @throws ServiceError as the service's API answers */
  callService(
    service: 'dynamodb',
    action: string,
    input: Record<string, unknown>,
    principal: TaskPrincipal,
  ): Promise<unknown>;
}

/** Starting other machines; done by the Step Functions service itself. */
export interface NestedExecutions {
  /** Answers as StartExecution does. @throws ServiceError */
  start(input: Record<string, unknown>, principal: TaskPrincipal): Promise<unknown>;
  /** Settles when the execution has ended, with what DescribeExecution says. */
  ended(executionArn: string): Promise<Record<string, unknown>>;
  stop(executionArn: string, cause: string): void;
}

interface Needs {
  readonly clock: Clock;
  readonly cloud: CloudPorts;
  readonly nested: NestedExecutions;
  readonly tokens: TaskTokens;
  readonly faults?: Faults;
}

const Started = z.object({ executionArn: z.string(), startDate: z.number() });
const FUNCTION_ARN = /^arn:[^:]+:lambda:[^:]*:\d*:function:/;
const DYNAMODB: ReadonlyMap<string, string> = new Map([
  ['arn:aws:states:::dynamodb:getItem', 'GetItem'],
  ['arn:aws:states:::dynamodb:putItem', 'PutItem'],
  ['arn:aws:states:::dynamodb:updateItem', 'UpdateItem'],
]);
const INVOKE = 'arn:aws:states:::lambda:invoke';
const START = 'arn:aws:states:::states:startExecution';
const OTHERS = new Set([INVOKE, `${INVOKE}.waitForTaskToken`, START, `${START}.sync`, `${START}.sync:2`]);

/** Whether a Task's Resource can be performed here. */
export function isSupportedResource(resource: string): boolean {
  return FUNCTION_ARN.test(resource) || DYNAMODB.has(resource) || OTHERS.has(resource);
}

/** The task integrations of the embedded Step Functions, with a fault point before and after each. */
export class TaskIntegrations implements TaskPort {
  constructor(private readonly needs: Needs) {}

  run(call: TaskCall): Promise<unknown> {
    const { faults, clock } = this.needs;
    return underFaults({
      at: async (phase) => faults?.at({ boundary: 'task', phase, ...pointOf(call) }),
      clock,
      perform: () => this.perform(call),
      failed: (error, message) => raise(new StateError(error, message)),
      killed: () => raise(exited()),
      lost: () => raise(answerLost(call)),
    });
  }

  private perform(call: TaskCall): Promise<unknown> {
    const { resource } = call;
    if (FUNCTION_ARN.test(resource)) return this.invoke(resource, call.arguments, call);
    const action = DYNAMODB.get(resource);
    if (action) return this.dynamodb(action, call);
    switch (resource) {
      case INVOKE:
        return this.lambdaInvoke(call);
      case `${INVOKE}.waitForTaskToken`:
        return this.callback(call);
      case START:
        return this.start(call);
      case `${START}.sync`:
      case `${START}.sync:2`:
        return this.startAndWait(call);
      default:
        throw new StateError('States.Runtime', `The embedded engine has no task integration ${resource}.`);
    }
  }

  private async lambdaInvoke(call: TaskCall): Promise<Json> {
    const { FunctionName, Payload } = fieldsOf(call);
    const payload = await this.invoke(String(FunctionName), eventOf(Payload), call);
    return { ExecutedVersion: '$LATEST', Payload: payload, StatusCode: 200 };
  }

  private async callback(call: TaskCall): Promise<unknown> {
    const answered = this.needs.tokens.wait(call.context.Task!.Token, call);
    call.submitted(await this.lambdaInvoke(call));
    return answered;
  }

  private async invoke(nameOrArn: string, event: unknown, call: TaskCall): Promise<unknown> {
    const { payload, functionError, errorType } = await this.needs.cloud
      .invokeFunction(nameOrArn, event, principalOf(call.context))
      .catch((failure: unknown) => raise(asStateError(failure, 'Lambda', 'AWSLambda')));
    if (functionError === undefined) return payload;
    const raised = errorType ?? (isJson(payload) ? payload['errorType'] : undefined);
    throw new StateError(typeof raised === 'string' ? raised : 'Lambda.Unknown', JSON.stringify(payload));
  }

  private async dynamodb(action: string, call: TaskCall): Promise<unknown> {
    return this.needs.cloud
      .callService('dynamodb', action, fieldsOf(call), principalOf(call.context))
      .catch((failure: unknown) => raise(asStateError(failure, 'DynamoDB', 'AmazonDynamoDBv2')));
  }

  private async start(call: TaskCall): Promise<{ ExecutionArn: string; StartDate: string }> {
    const { Input, Name, StateMachineArn } = fieldsOf(call);
    const input = {
      stateMachineArn: StateMachineArn,
      input: typeof Input === 'string' ? Input : JSON.stringify(Input ?? {}),
      ...(Name === undefined ? {} : { name: Name }),
    };
    const answer = await this.needs.nested
      .start(input, principalOf(call.context))
      .catch((failure: unknown) => raise(asStateError(failure, 'StepFunctions', 'AWSStepFunctions')));
    const { executionArn, startDate } = Started.parse(answer);
    return { ExecutionArn: executionArn, StartDate: new Date(1000 * startDate).toISOString() };
  }

  private async startAndWait(call: TaskCall): Promise<Json> {
    const started = await this.start(call);
    call.submitted(started);
    const stopToo = (): void =>
      this.needs.nested.stop(started.ExecutionArn, 'The execution that started this one was stopped.');
    call.signal.addEventListener('abort', stopToo, { once: true });
    const described = await this.needs.nested.ended(started.ExecutionArn);
    call.signal.removeEventListener('abort', stopToo);
    const failed = described['status'] !== 'SUCCEEDED';
    if (call.signal.aborted) throw new AbortedError('stopped');
    const result = sdkShape(described, failed || call.resource.endsWith('.sync') ? 'text' : 'json');
    if (failed) throw new StateError('States.TaskFailed', JSON.stringify(result));
    return result;
  }
}

function raise(failure: unknown): never {
  throw failure;
}

function pointOf(call: TaskCall) {
  const { FunctionName } = fieldsOf(call);
  const functionName = FUNCTION_ARN.test(call.resource) ? call.resource : FunctionName;
  return {
    resource: call.resource,
    ...(typeof functionName === 'string' ? { functionName } : {}),
    stateName: call.stateName,
    machine: call.context.StateMachine.Id,
    execution: call.context.Execution.Id,
  };
}

function fieldsOf(call: TaskCall): Json {
  return isJson(call.arguments) ? call.arguments : {};
}

/** The machine that a context object belongs to. */
export function principalOf({ Execution, StateMachine }: ContextObject): TaskPrincipal {
  return {
    roleArn: Execution.RoleArn,
    stateMachineArn: StateMachine.Id,
    executionArn: Execution.Id,
  };
}

// Recorded: a Payload that is a string is the raw text of the event; none or null calls the function with {}.
function eventOf(payload: unknown): unknown {
  if (payload === undefined || payload === null) return {};
  if (typeof payload !== 'string') return payload;
  try {
    return JSON.parse(payload);
  } catch {
    throw new StateError('Lambda.InvalidRequestContentException', 'Could not parse request body into json.');
  }
}

// `.sync:2` gives Input and Output as JSON, `.sync` and failures as text (Step Functions guide, "Manage executions").
function sdkShape(described: Json, data: 'json' | 'text'): Json {
  const entries = Object.entries(described).map(([key, value]): [string, unknown] => {
    if ((key === 'input' || key === 'output') && data === 'json')
      return [pascal(key), JSON.parse(String(value))];
    if (key === 'inputDetails' || key === 'outputDetails') return [pascal(key), { Included: true }];
    if (key === 'startDate' || key === 'stopDate') return [pascal(key), 1000 * Number(value)];
    return [pascal(key), value];
  });
  return Object.fromEntries(entries);
}

function pascal(key: string): string {
  return key.charAt(0).toUpperCase() + key.slice(1);
}

// Step Functions names an SDK error <Service>.<Exception>; DynamoDB's ValidationException it records under its base class.
function asStateError(failure: unknown, prefix: string, service: string): Error {
  if (failure instanceof ServiceError) {
    const invalid = prefix === 'DynamoDB' && failure.code === 'ValidationException';
    const base = invalid ? 'AmazonDynamoDBException' : failure.code;
    const name = base.endsWith('Exception') ? base : `${base}Exception`;
    const cause = `${failure.message} (Service: ${service}; Status Code: ${failure.status}; Error Code: ${failure.code})`;
    return new StateError(`${prefix}.${name}`, cause);
  }
  if (failure instanceof StateError || failure instanceof AbortedError) return failure;
  const { error, cause }: Json = isJson(failure) ? failure : {};
  if (typeof error === 'string') {
    return new StateError(error, typeof cause === 'string' ? cause : undefined);
  }
  return new StateError(`${prefix}.SdkClientException`, messageOf(failure));
}

function exited(): StateError {
  const errorType = 'Runtime.ExitError';
  const errorMessage = 'Error: Runtime exited without providing a reason';
  return new StateError(errorType, JSON.stringify({ errorType, errorMessage }));
}

function answerLost(call: TaskCall): StateError {
  const service = /:::(\w+):/.exec(call.resource)?.[1];
  const prefix = service === 'dynamodb' ? 'DynamoDB' : service === 'states' ? 'StepFunctions' : 'Lambda';
  const cause = 'The answer was lost; whether the effect happened is unknown.';
  return new StateError(`${prefix}.SdkClientException`, cause);
}
