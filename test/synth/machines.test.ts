import aslValidator from 'asl-validator';
import { codesOf } from '../../core/failure-category';
import { stepContracts, type StepName } from '../../lambdas/steps/contracts';
import { retriesOf } from '../../lib/workflow/retries';
import { path, stateOf } from '../support/machine-path';
import {
  type MachineJson,
  machineOf,
  resourcesOf,
  soundApp,
  type StateJson,
  workflowOf,
} from '../support/synth';

const { workflow } = soundApp();
const rotation = machineOf(workflow, 'gapless-rotation');
const settle = machineOf(workflow, 'gapless-settle');
const sweep = machineOf(workflow, 'gapless-sweep');

const isStep = (name: string): name is StepName => Object.hasOwn(stepContracts, name);
const steps = (machine: MachineJson): [StepName, StateJson][] =>
  Object.entries(machine.States).filter((entry): entry is [StepName, StateJson] => isStep(entry[0]));
const revocation = machineOf(workflow, 'gapless-revocation');
const bulk = machineOf(workflow, 'gapless-bulk');
const all = [rotation, revocation, bulk, settle, sweep];

const needed = (_: string, state: StateJson): string | undefined => state.Choices?.[0]?.Next;
const towards =
  (direction: string) =>
  (_: string, state: StateJson): string | undefined =>
    state.Choices?.find(({ Condition }) => Condition.includes(`'${direction}'`))?.Next;

describe('every machine', () => {
  it.each(['rotation', 'revocation', 'bulk', 'settle', 'sweep'])(
    '%s is valid Amazon States Language',
    (name) => {
      const report = aslValidator(machineOf(workflow, `gapless-${name}`));
      expect(report.errorsText()).toBe('');
      expect(report.isValid).toBe(true);
    },
  );

  it('runs on JSONata, as a Standard workflow, and says what a sample input is', () => {
    for (const machine of all) {
      expect(machine.QueryLanguage).toBe('JSONata');
      expect(machine.Comment).toContain('Sample input: {');
    }
    for (const { Properties } of resourcesOf(workflow, 'AWS::StepFunctions::StateMachine')) {
      expect(Properties['StateMachineType'] ?? 'STANDARD').toBe('STANDARD');
    }
  });

  it('logs every event and never the data in it', () => {
    for (const { Properties } of resourcesOf(workflow, 'AWS::StepFunctions::StateMachine')) {
      expect(Properties['LoggingConfiguration']).toMatchObject({ Level: 'ALL', IncludeExecutionData: false });
    }
  });

  it('repeats a step by the rules of the contracts and by nothing else', () => {
    for (const [name, state] of all.flatMap((machine) => steps(machine))) {
      const rules = state.Retry?.map(
        ({ ErrorEquals, IntervalSeconds, BackoffRate, MaxAttempts, JitterStrategy }) => {
          expect(JitterStrategy).toBe('FULL');
          return {
            errors: ErrorEquals,
            intervalSeconds: IntervalSeconds,
            backoffRate: BackoffRate,
            maxAttempts: MaxAttempts,
          };
        },
      );
      expect(rules).toEqual(retriesOf(name));
    }
  });

  it('names each step by its contract and tells it which execution calls', () => {
    for (const [name, state] of all.flatMap((machine) => steps(machine))) {
      expect(state.Comment).toBe(stepContracts[name].does);
      expect(state.Arguments?.Payload).toMatchObject({
        stage: name,
        execution: { id: '{% $states.context.Execution.Id %}' },
      });
    }
  });
});

describe('Rotation', () => {
  const happy = [
    'Open',
    'NeedsApproval',
    'Mint',
    'ProveNew',
    'Promote',
    'Distribute',
    'Overlap',
    'ConfirmNew',
    'Retire',
    'ProveOld',
    'Remove',
    'Close',
  ];

  it('enters twelve states when nothing goes wrong', () => {
    expect(path(rotation, rotation.StartAt)).toEqual(happy);
    expect(stateOf(rotation, 'Close').End).toBe(true);
  });

  it('picks mutator, prober and consumers by route and network from a map made at synth', () => {
    const functions = stateOf(rotation, 'Open').Assign?.['functions'];
    expect(functions).toEqual({
      mutator: { 'stub-kind/default': expect.stringContaining('mutator') },
      prober: { 'stub-kind/default': expect.stringContaining('prober') },
      consumers: { default: expect.stringContaining('consumers') },
    });
    expect(stateOf(rotation, 'Mint').Arguments?.FunctionName).toBe(
      '{% $lookup($functions.mutator, $run.route) %}',
    );
    expect(stateOf(rotation, 'ProveOld').Arguments?.FunctionName).toBe(
      '{% $lookup($functions.prober, $run.route) %}',
    );
    expect(stateOf(rotation, 'Distribute').Arguments?.FunctionName).toBe(
      '{% $lookup($functions.consumers, $run.network) %}',
    );
  });

  it.each(['Mint', 'ProveNew', 'Promote', 'Distribute', 'ConfirmNew'])(
    'goes back when %s fails, or closes at once when nothing may be touched',
    (name) => {
      const [atOnce, rest] = stateOf(rotation, name).Catch ?? [];
      expect(atOnce).toMatchObject({
        ErrorEquals: codesOf('fenced'),
        Next: 'CloseFailed',
      });
      expect(rest).toMatchObject({ ErrorEquals: ['States.ALL'], Next: 'Reinstate' });
    },
  );

  it.each(['Open', 'Approved', 'Retire', 'ProveOld', 'Remove', 'Close'])(
    'closes as failed, and goes nowhere back, when %s fails',
    (name) => {
      expect(stateOf(rotation, name).Catch).toMatchObject([
        { ErrorEquals: ['States.ALL'], Next: 'CloseFailed' },
      ]);
    },
  );

  it('asks a second person where the policy says so, and enters no state more where it does not', () => {
    const [way] = stateOf(rotation, 'NeedsApproval').Choices ?? [];
    expect(way?.Condition).toBe("{% $run.approval = 'required' %}");
    const asked = path(rotation, rotation.StartAt, (name, state) =>
      name === 'NeedsApproval' ? needed(name, state) : undefined,
    );
    expect(asked).toEqual([...happy.slice(0, 2), 'Approve', 'Approved', ...happy.slice(2)]);
  });

  it('waits for a decision fifteen minutes, and reads the stored one whatever the wait brought', () => {
    const approve = stateOf(rotation, 'Approve');
    expect(approve).toMatchObject({
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      TimeoutSeconds: 900,
      Output: {},
    });
    expect(approve.Arguments?.Payload?.['token']).toBe('{% $states.context.Task.Token %}');
    expect(approve.Assign).toBeUndefined();
    expect(approve.Catch).toMatchObject([
      { ErrorEquals: ['States.Timeout'], Next: 'Approved' },
      { ErrorEquals: ['States.ALL'], Next: 'CloseFailed' },
    ]);
    expect(stateOf(rotation, 'Approved').Arguments?.Payload).toMatchObject({ run: '{% $run %}' });
  });
});

describe('the way back', () => {
  const undo = [
    'Reinstate',
    'UndoNeeded',
    'PromoteBack',
    'DistributeBack',
    'Undo',
    'ProveRestored',
    'CloseFailed',
    'NotVerified',
  ];

  it.each([
    { name: 'Rotation', machine: rotation },
    { name: 'Settle', machine: settle },
  ])('of $name undoes what was made, and without a candidate only closes', ({ machine }) => {
    expect(path(machine, 'Reinstate', needed)).toEqual(undo);
    expect(path(machine, 'Reinstate')).toEqual(['Reinstate', 'UndoNeeded', 'CloseFailed', 'NotVerified']);
  });

  it('keeps the failure the run began with', () => {
    for (const name of undo.filter((each) => isStep(each) && !['Reinstate', 'CloseFailed'].includes(each))) {
      const [caught] = stateOf(rotation, name).Catch ?? [];
      expect(caught).toMatchObject({ ErrorEquals: ['States.ALL'], Next: 'CloseFailed' });
      expect(Object.keys(caught?.Assign ?? {})).toEqual(['undoFailure']);
    }
  });

  it('takes the labels back also when the target cannot be reached', () => {
    const [fenced, rest] = stateOf(rotation, 'Reinstate').Catch ?? [];
    expect(fenced).toMatchObject({ ErrorEquals: codesOf('fenced'), Next: 'CloseFailed' });
    expect(rest).toMatchObject({ ErrorEquals: ['States.ALL'], Next: 'PromoteBack' });
    expect(Object.keys(rest?.Assign ?? {})).toEqual(['undoFailure']);
  });

  it('ends red in a sentence, also when the run cannot be closed', () => {
    expect(stateOf(rotation, 'NotVerified')).toMatchObject({
      Type: 'Fail',
      Error: '{% $states.input.error %}',
    });
    expect(stateOf(rotation, 'CloseFailed').Catch).toMatchObject([
      { ErrorEquals: ['States.ALL'], Next: 'Unclosed' },
    ]);
    expect(stateOf(rotation, 'Unclosed')).toMatchObject({ Type: 'Fail', Error: 'RunNotClosed' });
  });

  it.each([rotation, revocation, settle])(
    'sets $failure on every way into CloseFailed that does not come from the way back',
    (machine) => {
      const before = new Set(['Begin', ...undo]);
      for (const [name, state] of Object.entries(machine.States)) {
        const ways = [...(state.Catch ?? []), ...(state.Choices ?? [])].filter(
          ({ Next }) => Next === 'CloseFailed' || Next === 'Reinstate',
        );
        const first = ways.filter(() => !before.has(name) && name !== 'Direction');
        for (const way of first) expect(way.Assign).toHaveProperty('failure');
      }
    },
  );
});

describe('Settle', () => {
  it('pays an obligation forwards, and closes what only has to be closed', () => {
    expect(path(settle, 'Begin', towards('pay'))).toEqual([
      'Begin',
      'Direction',
      'Reassert',
      'ConfirmNew',
      'Retire',
      'ProveOld',
      'Remove',
      'Close',
    ]);
    expect(path(settle, 'Begin', towards('contain'))).toEqual([
      'Begin',
      'Direction',
      'Contain',
      'ProveRefused',
      'Remove',
      'Close',
    ]);
    expect(path(settle, 'Begin')).toEqual(['Begin', 'Direction', 'CloseFailed', 'NotVerified']);
    expect(towards('undo')('Direction', stateOf(settle, 'Direction'))).toBe('Reinstate');
  });

  it('closes the run it took over, not one named after its own execution', () => {
    expect(stateOf(settle, 'CloseFailed').Arguments?.Payload).toMatchObject({
      runId: '{% $run.runId %}',
      failure: '{% $failure %}',
    });
    expect(stateOf(rotation, 'CloseFailed').Arguments?.Payload).toMatchObject({
      runId: '{% $states.context.Execution.Name %}',
    });
  });

  it('says that the execution of the run had ended, and stops when nothing could be taken over', () => {
    expect(stateOf(settle, 'Begin').Assign).toMatchObject({ failure: { Error: 'RunAborted' } });
    expect(stateOf(settle, 'Begin').Catch).toMatchObject([{ ErrorEquals: ['States.ALL'], Next: 'NotBegun' }]);
    expect(stateOf(settle, 'NotBegun').Type).toBe('Fail');
  });
});

describe('Sweep', () => {
  const child = workflowOf(stateOf(sweep, 'StartRotations')['ItemProcessor']);

  it('starts nothing when nothing is due', () => {
    expect(path(sweep, 'Enrol')).toEqual(['Enrol', 'DueList', 'AnyDue', 'NothingDue']);
  });

  it('reads the list from S3 and starts one Rotation per item, forty at a time', () => {
    expect(stateOf(sweep, 'StartRotations')).toMatchObject({
      MaxConcurrency: 40,
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        ReaderConfig: { InputType: 'JSON' },
        Arguments: { Key: '{% $states.input.key %}' },
      },
    });
    expect(child['ProcessorConfig']).toEqual({ Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' });
    expect(child.States['StartRotation']?.['Arguments']).toMatchObject({
      Name: '{% $states.input.name %}',
      Input: '{% $states.input.input %}',
    });
  });

  it('counts a slot that was started before as skipped, without asking again', () => {
    const already = 'StepFunctions.ExecutionAlreadyExistsException';
    const start = child.States['StartRotation'];
    expect(start?.Retry?.[0]).toEqual({ ErrorEquals: [already], MaxAttempts: 0 });
    expect(start?.Catch).toMatchObject([
      { ErrorEquals: [already], Next: 'AlreadyStarted' },
      { ErrorEquals: ['States.ALL'], Next: 'NotStarted' },
    ]);
    expect(child.States['AlreadyStarted']?.Output).toEqual({ result: 'skipped' });
  });

  it('is not green when a rotation could not be started', () => {
    expect(path(sweep, 'AllStarted')).toEqual(['AllStarted', 'SomeNotStarted']);
  });
});
