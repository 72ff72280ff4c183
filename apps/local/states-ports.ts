import type { Dispatcher } from './dispatch';
import { sessionOf } from './service';
import { nameOf } from './services/arn';
import type { Events } from './services/events';
import { described } from './services/execution-record';
import type { StatesOptions } from './services/states';

/** Tasks act as their machine's role, through the same door as every other call; executions tell the event bus. */
export function statesPorts({ call }: Pick<Dispatcher, 'call'>, events: Events) {
  return {
    call: (asked, { Execution: { RoleArn, Id } }) =>
      call({ ...asked, caller: sessionOf(RoleArn, nameOf(Id).slice(-64)) }),
    onStatus: (execution) => {
      const { executionArn, startDate, stopDate } = execution;
      // EventBridge writes these dates in milliseconds, the API in seconds.
      const dates = { startDate: startDate * 1000, stopDate: stopDate ? stopDate * 1000 : null };
      const about = { source: 'aws.states', 'detail-type': 'Step Functions Execution Status Change' };
      events.emit({ ...about, detail: { ...described(execution), ...dates }, resources: [executionArn] });
    },
  } satisfies Partial<StatesOptions>;
}
