import { path, stateOf } from '../support/machine-path';
import { machineOf, soundApp } from '../support/synth';

const { workflow } = soundApp();
const revocation = machineOf(workflow, 'gapless-revocation');

describe('Revocation', () => {
  it('enters seven states when nothing goes wrong', () => {
    const happy = ['Open', 'NeedsApproval', 'Contain', 'ProveRefused', 'Remove', 'NeedsReissue', 'Close'];
    expect(path(revocation, revocation.StartAt)).toEqual(happy);
    expect(stateOf(revocation, 'Close').End).toBe(true);
  });

  it('contains again, a bounded number of times, what is still accepted or has sessions', () => {
    const [again, rest] = stateOf(revocation, 'ProveRefused').Catch ?? [];
    expect(again).toMatchObject({
      ErrorEquals: ['OldStillAccepted', 'SessionsRemain'],
      Next: 'ContainAgain',
    });
    expect(rest).toMatchObject({ ErrorEquals: ['States.ALL'], Next: 'CloseFailed' });
    expect(stateOf(revocation, 'ContainAgain')).toMatchObject({
      Choices: [{ Condition: '{% $run.round <= 4 %}', Next: 'Contain' }],
      Default: 'CloseFailed',
    });
  });

  it('starts the reissue under a name of its own, and closes also when that cannot be started', () => {
    const start = stateOf(revocation, 'StartReissue');
    expect(start.Arguments).toMatchObject({
      Name: '{% $run.reissue %}',
      Input: { reissue: '{% $run.runId %}' },
    });
    expect(start.Catch).toMatchObject([{ ErrorEquals: ['States.ALL'], Next: 'Close' }]);
    expect(start.Retry).toMatchObject([
      { ErrorEquals: ['StepFunctions.ExecutionAlreadyExistsException'], MaxAttempts: 0 },
      { ErrorEquals: expect.arrayContaining(['StepFunctions.SdkClientException']), MaxAttempts: 5 },
    ]);
  });

  it('shows a responder a sample input of at most three fields', () => {
    const sample = /Sample input: (\{.*?\})/.exec(revocation.Comment ?? '')?.[1] ?? '{}';
    expect(JSON.parse(sample)).toEqual({ identityId: 'orders-db', reason: expect.any(String) });
  });
});
