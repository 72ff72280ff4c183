import { JumpClock } from '../support/jump-clock';
import type { CallAsRole } from '../../apps/local/services/task-integrations';
import { CASE_MACHINE, eventNames, openStates, type InvokeFunction } from '../support/states-double';

const due = [{ id: 'orders' }, { id: 'ledger' }, { id: 'broken' }, { id: 'reports' }];

const machine = (more: Record<string, unknown>) => ({
  QueryLanguage: 'JSONata',
  StartAt: 'Sweep',
  States: {
    Sweep: {
      Type: 'Map',
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        Arguments: { Bucket: 'lists', Key: '{% $states.input.key %}' },
        ReaderConfig: { InputType: 'JSON' },
      },
      ItemSelector: { identity: '{% $states.context.Map.Item.Value.id %}', slot: '{% $states.input.slot %}' },
      MaxConcurrency: 2,
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
        StartAt: 'Start',
        States: {
          Start: {
            Type: 'Task',
            Resource: 'arn:aws:lambda:us-east-1:111111111111:function:start',
            End: true,
          },
        },
      },
      End: true,
      ...more,
    },
  },
});

async function sweep(more: Record<string, unknown>, object: unknown = due) {
  const clock = new JumpClock();
  const load = { now: 0, most: 0 };
  const start: InvokeFunction = async (_, event) => {
    load.now += 1;
    load.most = Math.max(load.most, load.now);
    await clock.sleep(100);
    load.now -= 1;
    const broken = JSON.stringify(event).includes('broken');
    return broken ? { payload: { errorType: 'Broken' }, functionError: 'Unhandled' } : { payload: event };
  };
  const call: CallAsRole = async ({ input }) => {
    const found = input['Bucket'] === 'lists' && input['Key'] === 'due.json';
    return { body: Buffer.from(found ? JSON.stringify(object) : '') };
  };
  const service = await openStates(clock, start, { call });
  service.deploy({ ...CASE_MACHINE, definition: machine(more) });
  const input = JSON.stringify({ key: 'due.json', slot: 7 });
  const { executionArn } = await service.handle('StartExecution', {
    stateMachineArn: CASE_MACHINE.stateMachineArn,
    input,
  });
  await clock.runUntil(service.finished(String(executionArn)));
  return { record: service.record(String(executionArn)), load };
}

describe('a Distributed Map over a list in S3', () => {
  it('runs each item as a child within MaxConcurrency and collects the outputs of those that succeeded', async () => {
    const { record, load } = await sweep({ ToleratedFailureCount: 1 });
    expect(record.status).toBe('SUCCEEDED');
    expect(JSON.parse(record.output ?? '')).toEqual(
      ['orders', 'ledger', 'reports'].map((identity) => ({ identity, slot: 7 })),
    );
    expect(load.most).toBe(2);
    expect(eventNames(record.history)).toEqual([
      'ExecutionStarted',
      'MapStateEntered:Sweep',
      'MapStateStarted',
      'MapRunStarted',
      'MapRunSucceeded',
      'MapStateSucceeded',
      'MapStateExited:Sweep',
      'ExecutionSucceeded',
    ]);
  });

  it.each([
    { case: 'no tolerance', more: {} },
    { case: 'a count that is passed', more: { ToleratedFailureCount: 0, ToleratedFailurePercentage: 50 } },
    { case: 'a share that is passed', more: { ToleratedFailurePercentage: 24 } },
  ])('fails by the name of the threshold with $case', async ({ more }) => {
    const { record } = await sweep(more);
    expect(record).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' });
    expect(eventNames(record.history).slice(-3)).toEqual([
      'MapRunFailed',
      'MapStateFailed',
      'ExecutionFailed',
    ]);
  });

  it('fails by the name of the reader when the object is not a list', async () => {
    const { record } = await sweep({}, { not: 'a list' });
    expect(record).toMatchObject({
      error: 'States.ItemReaderFailed',
      cause: 'Attempting to map over non-iterable node.',
    });
  });
});
