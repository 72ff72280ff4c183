import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { openCloud, type TestCloud } from '../support/engine-cloud';
import { eventually } from '../support/eventually';
import { invokeFunction, signedFetch } from '../support/signed-fetch';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await openCloud();
});
afterAll(() => cloud.remove());

const invoke = (name: string, payload: unknown = {}) => invokeFunction(cloud.client, name, payload);

/** Kills the workers of `hangs` once one of them runs. */
async function killed(): Promise<boolean> {
  const busy = cloud.engine.lambda.busy('hangs');
  if (busy > 0) await cloud.engine.lambda.kill('hangs');
  return busy > 0;
}

const printed = () => cloud.engine.log.lines.filter(({ source }) => source === 'prints');

describe('a function', () => {
  test('gets the event, its own environment and nothing of the host', async () => {
    process.env['HOST_SECRET'] = 'stays here';
    const { payload, functionError } = await invoke('echo', { a: [1, 'two'] });
    delete process.env['HOST_SECRET'];
    expect(functionError).toBeNull();
    expect(payload).toMatchObject({ event: { a: [1, 'two'] }, name: 'echo' });
    expect(payload['environment']).toEqual(
      expect.arrayContaining(['TABLE', 'AWS_ENDPOINT_URL', 'AWS_REGION', 'AWS_SESSION_TOKEN']),
    );
    expect(payload['environment']).not.toContain('HOST_SECRET');
  });

  test('calls services with an unmodified SDK client, as its role', async () => {
    expect(await invoke('records', { pk: 'RUN#lambda' })).toMatchObject({ functionError: null });
    expect(await invoke('records', { pk: 'PROOF#lambda' })).toMatchObject({
      functionError: 'Unhandled',
      payload: { errorType: 'AccessDeniedException' },
    });
  });

  test('answers its own error with name, message and trace, status 200', async () => {
    expect(await invoke('throws')).toEqual({
      status: 200,
      functionError: 'Unhandled',
      payload: {
        errorType: 'NotReady',
        errorMessage: 'the target is not ready',
        trace: expect.arrayContaining([expect.stringContaining('NotReady: the target is not ready')]),
      },
    });
  });

  test('that ends its process answers Runtime.ExitError, and the next invocation works', async () => {
    expect((await invoke('exits')).payload).toMatchObject({ errorType: 'Runtime.ExitError' });
    expect((await invoke('exits')).payload).toMatchObject({
      errorMessage: expect.stringContaining('Runtime exited with error: exit status 3'),
    });
  });

  test('that takes longer than its timeout answers Sandbox.Timedout', async () => {
    expect((await invoke('hangs')).payload).toMatchObject({
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringContaining('Task timed out after 1.00 seconds'),
    });
  });

  test('that is killed while it runs answers Runtime.ExitError', async () => {
    const running = invoke('hangs');
    await new Promise((resolve) => setImmediate(resolve));
    while (!(await killed())) await new Promise((resolve) => setImmediate(resolve));
    expect((await running).payload).toMatchObject({ errorType: 'Runtime.ExitError' });
  });

  test('that does not exist is refused by name', async () => {
    expect(await invoke('nobody')).toMatchObject({ status: 404 });
  });

  test('sees the time of the engine, and its signatures hold after time was advanced', async () => {
    await cloud.engine.advance(3 * 3_600_000);
    const { payload } = await invoke('echo');
    expect(Math.abs(Number(payload['now']) - cloud.engine.clock.now())).toBeLessThan(60_000);
    expect(await invoke('records', { pk: 'RUN#later' })).toMatchObject({ functionError: null });
  });

  test('runs as many invocations at once as it is asked', async () => {
    const answers = await Promise.all(['a', 'b', 'c'].map((at) => invoke('echo', { at })));
    expect(answers.map(({ payload }) => payload['event'])).toEqual([{ at: 'a' }, { at: 'b' }, { at: 'c' }]);
  });

  test('has its output in the log', async () => {
    await invoke('prints');
    const [first] = await eventually(printed, (lines) => lines.length > 0);
    expect(first).toMatchObject({ stream: 'stdout', text: 'one line' });
  });
});

describe('faults at invocations', () => {
  test('kill after the effect: the effect stays, the answer is Runtime.ExitError', async () => {
    cloud.once((point) => point.boundary === 'lambda' && point.phase === 'after', { do: 'kill' });
    expect((await invoke('records', { pk: 'RUN#killed' })).payload).toMatchObject({
      errorType: 'Runtime.ExitError',
    });
    expect(await invoke('records', { pk: 'RUN#killed' })).toMatchObject({ functionError: null });
  });

  test('kill at a service call: the worker that made the call ends', async () => {
    cloud.once((point) => point.boundary === 'service' && point.service === 'dynamodb', { do: 'kill' });
    expect((await invoke('records', { pk: 'RUN#x' })).payload).toMatchObject({
      errorType: 'Runtime.ExitError',
    });
  });
});

test('a failed function fails the state with the name of its error', async () => {
  cloud.once((point) => point.boundary === 'lambda' && point.phase === 'before', {
    do: 'fail',
    error: 'NotReady',
    message: 'fault',
  });
  const states = new SFNClient(cloud.client);
  const { executionArn } = await states.send(
    new StartExecutionCommand({ stateMachineArn: cloud.output('Machine'), input: '{"name":"x"}' }),
  );
  await cloud.engine.states.finished(executionArn ?? '');
  const ended = await states.send(new DescribeExecutionCommand({ executionArn }));
  expect(ended).toMatchObject({ status: 'FAILED', error: 'NotReady' });
});

test('an event put on the bus reaches the functions whose rule it matches', async () => {
  const entry = { Source: 'aws.states', DetailType: 'test', Detail: '{"status":"FAILED"}' };
  const before = printed().length;
  const response = await signedFetch(cloud.client, {
    service: 'events',
    headers: { 'x-amz-target': 'AWSEvents.PutEvents' },
    body: JSON.stringify({ Entries: [entry, { ...entry, Detail: '{"status":"RUNNING"}' }] }),
  });
  expect(await response.json()).toMatchObject({ FailedEntryCount: 0 });
  expect(await eventually(printed, (lines) => lines.length > before)).toHaveLength(before + 1);
});

test('a published message is kept', async () => {
  const form = new URLSearchParams({
    Action: 'Publish',
    TopicArn: cloud.output('TopicArn'),
    Message: 'a & b',
  });
  const response = await signedFetch(cloud.client, {
    service: 'sns',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  });
  expect(await response.text()).toContain('<MessageId>');
  expect(cloud.engine.sns.published).toMatchObject([{ Message: 'a & b' }]);
});
