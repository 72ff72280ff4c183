import * as z from 'zod/mini';
import { StateError } from './asl/errors';
import { messageOf } from './asl/json';
import type { Call, Dispatcher } from './dispatch';
import type { Caller } from './service';
import { nameOf } from './services/arn';
import type { Events } from './services/events';
import type { StatesOptions } from './services/states';
import { principalOf, type TaskPrincipal } from './services/task-integrations';

const Invoked = z.object({ Payload: z.string(), FunctionError: z.optional(z.literal('Unhandled')) });
const Raised = z.object({ errorType: z.string() });
const Body = z.object({ body: z.instanceof(Buffer) });
const Status = z.looseObject({
  executionArn: z.string(),
  startDate: z.number(),
  stopDate: z.optional(z.number()),
});

const callerOf = ({ roleArn, executionArn }: TaskPrincipal): Caller => ({
  accessKeyId: 'engine',
  kind: 'role',
  roleArn,
  roleName: nameOf(roleArn),
  sessionName: nameOf(executionArn).slice(-64),
});

/** Tasks act as their machine's role, through the same door as every other call. */
export function statesPorts({ call }: Pick<Dispatcher, 'call'>, events: Events) {
  const as = (principal: TaskPrincipal, service: string, action: string, input: Call['input']) =>
    call({ service, action, input, caller: callerOf(principal) });
  return {
    cloud: {
      invokeFunction: async (FunctionName, payload, principal) => {
        const input = { FunctionName, Payload: JSON.stringify(payload) };
        const { Payload, FunctionError } = Invoked.parse(await as(principal, 'lambda', 'Invoke', input));
        const result: unknown = JSON.parse(Payload);
        if (!FunctionError) return { payload: result };
        const raised = Raised.safeParse(result);
        return { payload: result, functionError: FunctionError, errorType: raised.data?.errorType };
      },
      callService: (service, action, input, principal) => as(principal, service, action, input),
    },
    startNested: (input, principal) => as(principal, 'states', 'StartExecution', input),
    reader: {
      readObject: async (Bucket, Key, context) => {
        const answer = await as(principalOf(context), 's3', 'GetObject', { Bucket, Key }).catch(unreadable);
        return Body.parse(answer).body.toString('utf8');
      },
    },
    onStatus: (execution) => tell(events, execution),
  } satisfies Partial<StatesOptions>;
}

function unreadable(failure: unknown): never {
  throw new StateError('States.ItemReaderFailed', messageOf(failure));
}

function tell(events: Events, execution: Record<string, unknown>): void {
  const { startDate, stopDate, ...status } = Status.parse(execution);
  // Express workflows send no status events.
  if (status.executionArn.includes(':express:')) return;
  // EventBridge writes these dates in milliseconds, the API in seconds.
  const dates = { startDate: startDate * 1000, stopDate: stopDate ? stopDate * 1000 : null };
  events.emit({
    source: 'aws.states',
    detailType: 'Step Functions Execution Status Change',
    detail: { ...status, ...dates },
    resources: [status.executionArn],
  });
}
