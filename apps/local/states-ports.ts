import * as z from 'zod/mini';
import type { Call } from './dispatch';
import type { Caller } from './service';
import { nameOf } from './services/arn';
import type { Events } from './services/events';
import type { S3 } from './services/s3';
import type { StatesOptions } from './services/states';
import type { TaskPrincipal } from './services/task-integrations';

/** What Step Functions reaches through the engine. */
export interface StatesSurroundings {
  readonly call: (call: Call) => Promise<unknown>;
  readonly events: Events;
  readonly s3: S3;
}

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
export function statesPorts({
  call,
  events,
  s3,
}: StatesSurroundings): Pick<StatesOptions, 'cloud' | 'reader' | 'onStatus'> {
  return {
    cloud: {
      invokeFunction: async (FunctionName, payload, principal) => {
        const input = { FunctionName, Payload: JSON.stringify(payload) };
        const answer = await call({
          service: 'lambda',
          action: 'Invoke',
          input,
          caller: callerOf(principal),
        });
        const { Payload, FunctionError } = Invoked.parse(answer);
        const result: unknown = JSON.parse(Payload);
        if (!FunctionError) return { payload: result };
        const raised = Raised.safeParse(result);
        return { payload: result, functionError: FunctionError, errorType: raised.data?.errorType };
      },
      callService: (service, action, input, principal) =>
        call({ service, action, input, caller: callerOf(principal) }),
    },
    reader: {
      readObject: async (Bucket, Key) =>
        Body.parse(await s3.handle('GetObject', { Bucket, Key })).body.toString('utf8'),
    },
    onStatus: (execution) => {
      const status = Status.parse(execution);
      // Express workflows send no status events.
      if (status.executionArn.includes(':express:')) return;
      events.emit({
        source: 'aws.states',
        detailType: 'Step Functions Execution Status Change',
        // EventBridge writes these dates in milliseconds, the API in seconds.
        detail: {
          ...status,
          startDate: status.startDate * 1000,
          stopDate: status.stopDate ? status.stopDate * 1000 : null,
        },
        resources: [status.executionArn],
      });
    },
  };
}
