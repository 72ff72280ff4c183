import { JumpClock } from '../support/jump-clock';
import type { FaultAction, FaultPoint } from '../../apps/local/faults';
import { ServiceError } from '../../apps/local/service';
import {
  CASE_MACHINE,
  eventNames,
  MemoryExecutions,
  openStates,
  type InvokeFunction,
} from '../support/states-double';

const { stateMachineArn } = CASE_MACHINE;
const DAY_MS = 24 * 3600 * 1000;
const echo: InvokeFunction = async (_, event) => ({ payload: event });

const machine = (states: Record<string, unknown>) => ({
  QueryLanguage: 'JSONata',
  StartAt: 'First',
  States: states,
});
const waiting = machine({ First: { Type: 'Wait', Seconds: 3600, End: true } });
const invoking = (more = {}) =>
  machine({
    First: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: { FunctionName: 'mint', Payload: { n: 1 } },
      End: true,
      ...more,
    },
  });

async function opened(definition: unknown, invoke = echo, options: Parameters<typeof openStates>[2] = {}) {
  const clock = new JumpClock();
  const service = await openStates(clock, invoke, options);
  service.deploy({ ...CASE_MACHINE, definition });
  const start = async (input: Record<string, unknown> = {}) =>
    String((await service.handle('StartExecution', { stateMachineArn, ...input }))['executionArn']);
  return { clock, service, start };
}

describe('StartExecution', () => {
  it('is the same execution for the same name and input while it runs', async () => {
    const { service, start, clock } = await opened(waiting);
    const first = await start({ name: 'slot-7', input: '{"a":1}' });
    await expect(start({ name: 'slot-7', input: '{"a":1}' })).resolves.toBe(first);
    const other = service.handle('StartExecution', { stateMachineArn, name: 'slot-7', input: '{"a":2}' });
    await expect(other).rejects.toMatchObject({ code: 'ExecutionAlreadyExists' });
    await clock.runUntilIdle();
    await expect(service.handle('ListExecutions', { stateMachineArn })).resolves.toMatchObject({
      executions: [{ status: 'SUCCEEDED' }],
    });
  });

  it('keeps a name for 90 days after the end, whatever the input', async () => {
    const { start, clock } = await opened(waiting);
    await start({ name: 'slot-7' });
    await clock.runUntilIdle();
    await clock.runUntil(clock.sleep(89 * DAY_MS));
    await expect(start({ name: 'slot-7' })).rejects.toMatchObject({ code: 'ExecutionAlreadyExists' });
    await clock.runUntil(clock.sleep(DAY_MS));
    await expect(start({ name: 'slot-7' })).resolves.toMatch(/:slot-7$/);
  });

  it.each([
    { case: 'an unknown machine', input: { stateMachineArn: 'arn:none' }, code: 'StateMachineDoesNotExist' },
    { case: 'input that is not JSON', input: { input: 'not json' }, code: 'InvalidExecutionInput' },
    { case: 'a name with a space', input: { name: 'slot 7' }, code: 'InvalidName' },
    {
      case: 'input over 256 KiB',
      input: { input: JSON.stringify('x'.repeat(256 * 1024)) },
      code: 'ValidationException',
    },
  ])('refuses $case', async ({ input, code }) => {
    const { start } = await opened(waiting);
    await expect(start(input)).rejects.toMatchObject({ name: 'ServiceError', code });
  });
});

describe('executions', () => {
  it('that ran when the engine stopped are aborted at the next start, and say so', async () => {
    const store = new MemoryExecutions();
    const before = await opened(waiting, echo, { store });
    const arn = await before.start({ name: 'slot-7' });
    await before.service.stop();
    const told: unknown[] = [];
    const { service } = await opened(waiting, echo, {
      store,
      onStatus: (execution) => told.push(execution['status']),
    });
    const described = await service.handle('DescribeExecution', { executionArn: arn });
    expect(described).toMatchObject({ status: 'ABORTED', error: 'EngineRestarted' });
    expect(described['cause']).toMatch(/stopped while this execution was running/);
    expect(eventNames(service.record(arn).history)).toEqual([
      'ExecutionStarted',
      'WaitStateEntered:First',
      'ExecutionAborted',
    ]);
    expect(told).toEqual(['ABORTED']);
  });

  it('can be stopped, and give their history page by page, forwards or backwards, without data', async () => {
    const { service, start } = await opened(waiting);
    const executionArn = await start();
    await service.handle('StopExecution', { executionArn, error: 'Operator', cause: 'not today' });
    await expect(service.handle('DescribeExecution', { executionArn })).resolves.toMatchObject({
      status: 'ABORTED',
      error: 'Operator',
      cause: 'not today',
    });
    const page = await service.handle('GetExecutionHistory', {
      executionArn,
      maxResults: 2,
      includeExecutionData: false,
    });
    expect(page).toMatchObject({
      events: [{ type: 'ExecutionStarted' }, { type: 'WaitStateEntered' }],
      nextToken: '2',
    });
    expect(JSON.stringify(page)).not.toContain('"input"');
    const last = await service.handle('GetExecutionHistory', {
      executionArn,
      maxResults: 1,
      reverseOrder: true,
    });
    expect(last).toMatchObject({ events: [{ type: 'ExecutionAborted' }] });
  });

  it('refuse an action that is not there, by its name', async () => {
    const { service } = await opened(waiting);
    await expect(service.handle('RedriveExecution', {})).rejects.toThrow('states:RedriveExecution');
  });
});

describe('a task that waits for its token', () => {
  const approval = machine({
    First: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Arguments: { FunctionName: 'ask', Payload: { token: '{% $states.context.Task.Token %}' } },
      HeartbeatSeconds: 60,
      Output: '{% $states.result %}',
      End: true,
    },
  });

  async function asked() {
    const tokens: string[] = [];
    const ask: InvokeFunction = async (_, event) => {
      tokens.push(String(Object(event).token));
      return { payload: null };
    };
    const open = await opened(approval, ask);
    const executionArn = await open.start();
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    await new Promise(setImmediate);
    return { ...open, executionArn, taskToken: tokens[0] ?? '' };
  }

  it('ends with what SendTaskSuccess brings, once', async () => {
    const { service, clock, executionArn, taskToken } = await asked();
    await service.handle('SendTaskSuccess', { taskToken, output: '{"by":"ann"}' });
    await expect(clock.runUntil(service.finished(executionArn))).resolves.toMatchObject({
      status: 'SUCCEEDED',
      output: '{"by":"ann"}',
    });
    const again = service.handle('SendTaskSuccess', { taskToken, output: '{}' });
    await expect(again).rejects.toMatchObject({ code: 'TaskTimedOut' });
    expect(eventNames(service.record(executionArn).history)).toContain('TaskSubmitted');
  });

  it('times out when nobody answers, and knows no token it did not give', async () => {
    const { service, clock, executionArn } = await asked();
    const began = clock.now();
    await expect(clock.runUntil(service.finished(executionArn))).resolves.toMatchObject({
      error: 'States.Timeout',
    });
    expect(clock.now() - began).toBe(60_000);
    await expect(
      service.handle('SendTaskSuccess', { taskToken: 'made up', output: '1' }),
    ).rejects.toMatchObject({ code: 'InvalidToken' });
  });
});

describe('a machine that starts another', () => {
  const childArn = stateMachineArn.replace(/statemachine$/, 'child');
  const parent = machine({
    First: {
      Type: 'Task',
      Resource: 'arn:aws:states:::states:startExecution.sync:2',
      Arguments: { StateMachineArn: childArn, Name: 'one', Input: { n: 1 } },
      Output: '{% $states.result.Output %}',
      End: true,
    },
  });

  it.each([
    {
      case: 'succeeds',
      child: { Type: 'Pass', Output: { ok: true }, End: true },
      outcome: { status: 'SUCCEEDED', output: '{"ok":true}' },
    },
    {
      case: 'fails',
      child: { Type: 'Fail', Error: 'Broken' },
      outcome: { status: 'FAILED', error: 'States.TaskFailed' },
    },
  ])('waits for it; the child $case', async ({ child, outcome }) => {
    const { service, start, clock } = await opened(parent);
    service.deploy({
      ...CASE_MACHINE,
      stateMachineArn: childArn,
      name: 'child',
      definition: machine({ First: child }),
    });
    const arn = await start();
    await expect(clock.runUntil(service.finished(arn))).resolves.toMatchObject(outcome);
  });

  it('stops it when it is stopped itself', async () => {
    const { service, start } = await opened(parent);
    service.deploy({ ...CASE_MACHINE, stateMachineArn: childArn, name: 'child', definition: waiting });
    const executionArn = await start();
    await new Promise(setImmediate);
    await service.handle('StopExecution', { executionArn });
    const [child] = [...(await childrenOf(service))];
    expect(child).toMatchObject({ status: 'ABORTED' });
  });

  async function childrenOf(service: Awaited<ReturnType<typeof openStates>>): Promise<unknown[]> {
    const { executions } = await service.handle('ListExecutions', { stateMachineArn: childArn });
    return Array.isArray(executions) ? executions : [];
  }
});

describe('function errors', () => {
  it.each([
    {
      case: 'a missing function',
      error: new ServiceError('ResourceNotFoundException', 'gone', 404),
      name: 'Lambda.ResourceNotFoundException',
    },
    {
      case: 'a throttle',
      error: new ServiceError('TooManyRequestsException', 'slow', 429),
      name: 'Lambda.TooManyRequestsException',
    },
    { case: 'a lost answer', error: new Error('socket hang up'), name: 'Lambda.SdkClientException' },
  ])('$case is $name', async ({ error, name }) => {
    const { service, start, clock } = await opened(invoking(), () => Promise.reject(error));
    await expect(clock.runUntil(service.finished(await start()))).resolves.toMatchObject({
      status: 'FAILED',
      error: name,
    });
  });
});

describe('faults at a task', () => {
  const cases: { fault: FaultAction; phase: 'before' | 'after'; calls: number; error: string | undefined }[] =
    [
      { fault: { do: 'fail', error: 'Boom', message: 'as asked' }, phase: 'before', calls: 0, error: 'Boom' },
      { fault: { do: 'fail', error: 'Boom', message: 'as asked' }, phase: 'after', calls: 1, error: 'Boom' },
      { fault: { do: 'kill' }, phase: 'before', calls: 0, error: 'Runtime.ExitError' },
      { fault: { do: 'kill' }, phase: 'after', calls: 1, error: 'Runtime.ExitError' },
      { fault: { do: 'drop' }, phase: 'before', calls: 1, error: 'Lambda.SdkClientException' },
      { fault: { do: 'duplicate' }, phase: 'before', calls: 2, error: undefined },
      { fault: { do: 'delay', ms: 500 }, phase: 'before', calls: 1, error: undefined },
    ];

  it.each(cases)(
    '$fault.do $phase: the function runs $calls times, error $error',
    async ({ fault, phase, calls, error }) => {
      const points: FaultPoint[] = [];
      let invoked = 0;
      const at = async (point: FaultPoint) => {
        points.push(point);
        return 'phase' in point && point.phase === phase ? fault : undefined;
      };
      const { service, start, clock } = await opened(invoking(), async () => ({ payload: ++invoked }), {
        faults: { at },
      });
      const described = await clock.runUntil(service.finished(await start({ name: 'slot-7' })));
      expect(invoked).toBe(calls);
      expect(described['error']).toBe(error);
      expect(points[0]).toEqual({
        boundary: 'task',
        phase: 'before',
        resource: 'arn:aws:states:::lambda:invoke',
        functionName: 'mint',
        stateName: 'First',
        machine: stateMachineArn,
        execution: stateMachineArn.replace(':stateMachine:', ':execution:') + ':slot-7',
      });
    },
  );
});
