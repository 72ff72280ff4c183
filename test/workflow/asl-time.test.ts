import { JumpClock } from '../support/jump-clock';
import { isJson } from '../../apps/local/asl/json';
import { CASE_MACHINE, eventNames, openStates, type InvokeFunction } from '../support/states-double';

const { stateMachineArn } = CASE_MACHINE;

async function run(states: Record<string, unknown>, invoke: InvokeFunction, clock: JumpClock, more = {}) {
  const service = await openStates(clock, invoke);
  const [startAt] = Object.keys(states);
  service.deploy({
    ...CASE_MACHINE,
    definition: { QueryLanguage: 'JSONata', StartAt: startAt, States: states, ...more },
  });
  const { executionArn } = await service.handle('StartExecution', { stateMachineArn, name: 'run' });
  await clock.runUntil(service.finished(String(executionArn)));
  return service.record(String(executionArn));
}

const task = (more: Record<string, unknown>) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: 'mint' },
  End: true,
  ...more,
});

const branch = (value: string) => ({
  StartAt: 'Read',
  States: { Read: { Type: 'Pass', Output: value, End: true } },
});
const busy: InvokeFunction = async () => ({
  payload: { errorType: 'Busy' },
  functionError: 'Unhandled',
});
const never: InvokeFunction = () => new Promise(() => undefined);

describe('Retry', () => {
  it('waits 2, 6, then at most 10 seconds, and gives up after three retries', async () => {
    const clock = new JumpClock();
    const began = clock.now();
    const calls: number[] = [];
    const failing: InvokeFunction = async () => {
      calls.push((clock.now() - began) / 1000);
      return { payload: { errorType: 'RemoteThrottled' }, functionError: 'Unhandled' };
    };
    const Retry = [
      {
        ErrorEquals: ['RemoteThrottled'],
        IntervalSeconds: 2,
        BackoffRate: 3,
        MaxAttempts: 3,
        MaxDelaySeconds: 10,
      },
    ];
    const record = await run({ Mint: task({ Retry }) }, failing, clock);
    expect(calls).toEqual([0, 2, 8, 18]);
    expect(record).toMatchObject({ status: 'FAILED', error: 'RemoteThrottled' });
  });

  it('takes a share of the delay with full jitter', async () => {
    const clock = new JumpClock();
    const began = clock.now();
    const Retry = [
      { ErrorEquals: ['States.ALL'], IntervalSeconds: 8, MaxAttempts: 1, JitterStrategy: 'FULL' },
    ];
    await run({ Mint: task({ Retry }) }, busy, clock);
    expect(clock.now() - began).toBe(4000);
  });

  it('counts each retrier by itself and shows the count to the next attempt', async () => {
    const clock = new JumpClock();
    const errors = ['Busy', 'Lost', 'Busy'];
    const seen: unknown[] = [];
    const failing: InvokeFunction = async (_, event) => {
      seen.push(event);
      const errorType = errors.shift();
      return errorType ? { payload: { errorType }, functionError: 'Unhandled' } : { payload: 'done' };
    };
    const Retry = [
      { ErrorEquals: ['Lost'], MaxAttempts: 1 },
      { ErrorEquals: ['Busy'], MaxAttempts: 2 },
    ];
    const Arguments = {
      FunctionName: 'mint',
      Payload: { attempt: '{% $states.context.State.RetryCount %}' },
    };
    const record = await run({ Mint: task({ Retry, Arguments }) }, failing, clock);
    expect(record.status).toBe('SUCCEEDED');
    expect(seen).toEqual([{ attempt: 0 }, { attempt: 1 }, { attempt: 2 }, { attempt: 3 }]);
  });
});

describe('time limits', () => {
  it.each([
    { limit: 'TimeoutSeconds', caught: 'States.Timeout' },
    { limit: 'HeartbeatSeconds', caught: 'States.HeartbeatTimeout' },
  ])('$limit ends a task as States.Timeout, which Catch finds as $caught', async ({ limit, caught }) => {
    const clock = new JumpClock();
    const began = clock.now();
    const Catch = [{ ErrorEquals: [caught], Next: 'Undo' }];
    const record = await run(
      { Mint: task({ [limit]: 30, Catch }), Undo: { Type: 'Pass', End: true } },
      never,
      clock,
    );
    expect(clock.now() - began).toBe(30_000);
    expect(JSON.parse(record.output ?? '')).toEqual({ Error: 'States.Timeout' });
    expect(eventNames(record.history)).toContain('TaskTimedOut');
  });

  it('ends the whole execution as TIMED_OUT when the machine has a limit', async () => {
    const clock = new JumpClock();
    const record = await run({ Overlap: { Type: 'Wait', Seconds: 3600, End: true } }, never, clock, {
      TimeoutSeconds: 60,
    });
    expect(record.status).toBe('TIMED_OUT');
    expect(eventNames(record.history).at(-1)).toBe('ExecutionTimedOut');
  });

  it('waits until a Timestamp of the input', async () => {
    const clock = new JumpClock(Date.UTC(2026, 0, 1));
    const Timestamp = '{% $fromMillis($millis() + 90000) %}';
    await run({ Overlap: { Type: 'Wait', Timestamp, End: true } }, never, clock);
    expect(clock.now()).toBe(Date.UTC(2026, 0, 1, 0, 1, 30));
  });
});

describe('variables', () => {
  it('are readable in branches, and Output and Assign both see them as they were', async () => {
    const clock = new JumpClock();
    const record = await run(
      {
        Set: { Type: 'Pass', Assign: { seq: 1 }, Next: 'Move' },
        Move: { Type: 'Pass', Assign: { seq: '{% $seq + 1 %}' }, Output: '{% $seq %}', Next: 'Both' },
        Both: {
          Type: 'Parallel',
          Branches: [branch('{% $seq %}'), branch('{% $states.input %}')],
          End: true,
        },
      },
      never,
      clock,
    );
    expect(JSON.parse(record.output ?? '')).toEqual([2, 1]);
  });
});

describe('events', () => {
  it('link each event to the one before it, and carry data as text', async () => {
    const record = await run({ Mint: task({}) }, async (_, event) => ({ payload: event }), new JumpClock());
    expect(record.history.map(({ previousEventId }) => previousEventId)).toEqual([0, 0, 2, 3, 4, 5, 6]);
    const scheduled = record.history.find(({ type }) => type === 'TaskScheduled')?.[
      'taskScheduledEventDetails'
    ];
    expect(isJson(scheduled) && scheduled).toEqual({
      resourceType: 'lambda',
      resource: 'invoke',
      region: 'us-east-1',
      parameters: '{"FunctionName":"mint"}',
    });
  });
});
