import { SendTaskSuccessCommand, type SFNClient } from '@aws-sdk/client-sfn';
import type { TaskTokens } from '../../core/ports/task-tokens';
import { sdkErrorName, storeFailure } from './sdk-failure';

/** Nobody waits any more: the wait timed out, was answered, or its execution has ended. */
const GONE: readonly string[] = ['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken'];

/** Task tokens of Step Functions. */
export function stepFunctionsTaskTokens(client: SFNClient): TaskTokens {
  return {
    wake: async (taskToken) => {
      try {
        await client.send(new SendTaskSuccessCommand({ taskToken, output: '{}' }));
        return 'woken';
      } catch (error) {
        if (GONE.includes(sdkErrorName(error) ?? '')) return 'gone';
        // The token stays out of the sentence.
        throw storeFailure(error, {
          action: 'states:SendTaskSuccess',
          about: 'a waiting run',
          access: 'write',
        });
      }
    },
  };
}
