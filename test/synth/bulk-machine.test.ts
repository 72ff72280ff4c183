import { path, stateOf } from '../support/machine-path';
import { machineOf, resourcesOf, soundApp, statementsIn, workflowOf } from '../support/synth';

const { workflow } = soundApp();
const bulk = machineOf(workflow, 'gapless-bulk');
const child = workflowOf(stateOf(bulk, 'RevokeAll')['ItemProcessor']);

describe('BulkRevocation', () => {
  it('opens, starts one revocation each, counts, and ends red unless everybody is counted as proven', () => {
    expect(path(bulk, bulk.StartAt)).toEqual([
      'OpenBulk',
      'DryRun',
      'NeedsApproval',
      'RevokeAll',
      'CloseBulk',
      'Counted',
      'NotAllRevoked',
    ]);
    expect(stateOf(bulk, 'Counted').Choices).toMatchObject([
      { Condition: "{% $counted.state = 'open' and $round <= 7 %}", Next: 'Unfinished' },
      { Condition: "{% $counted.state = 'verified' %}", Next: 'AllRevoked' },
    ]);
  });

  it('runs Standard children that wait for a revocation each, and lets one failure stop nobody', () => {
    expect(stateOf(bulk, 'RevokeAll')).toMatchObject({
      MaxConcurrency: '{% $bulk.atOnce %}',
      ToleratedFailurePercentage: 100,
      ItemReader: { Arguments: { Key: '{% $bulk.list.key %}' } },
    });
    expect(child['ProcessorConfig']).toEqual({ Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' });
    const revoke = stateOf(child, 'Revoke');
    expect(revoke['Resource']).toBe('arn:aws:states:::states:startExecution.sync:2');
    expect(revoke.Catch).toMatchObject([{ ErrorEquals: ['States.ALL'], Next: 'Ended' }]);
  });

  it('repeats a start that was not taken up, and never a revocation that ended', () => {
    const repeated = (stateOf(child, 'Revoke').Retry ?? []).flatMap(({ ErrorEquals }) => ErrorEquals);
    for (const name of ['States.ALL', 'States.TaskFailed']) expect(repeated).not.toContain(name);
    expect(repeated).toContain('StepFunctions.SdkClientException');
  });

  it('takes no verdict from what the children answered', () => {
    expect(stateOf(bulk, 'RevokeAll').Output).toEqual({});
    expect(stateOf(bulk, 'CloseBulk').Arguments?.Payload).toEqual({
      stage: 'CloseBulk',
      execution: expect.anything(),
      run: '{% $run %}',
      round: '{% $round %}',
    });
  });

  it('closes nothing that it was to take over and could not', () => {
    expect(stateOf(bulk, 'OpenBulk').Catch).toMatchObject([{ ErrorEquals: ['States.ALL'], Next: 'Resumed' }]);
    expect(stateOf(bulk, 'Resumed')).toMatchObject({
      Choices: [{ Next: 'NotResumed' }],
      Default: 'CloseFailed',
    });
  });

  it('may start and stop revocations, and the rule that tells of their end', () => {
    const granted = resourcesOf(workflow, 'AWS::IAM::Policy')
      .flatMap(({ Properties }) => statementsIn(Properties['PolicyDocument']))
      .find(({ Sid }) => Sid === 'HearOfEnds');
    expect(granted?.Action).toEqual(['events:DescribeRule', 'events:PutRule', 'events:PutTargets']);
    expect(JSON.stringify(granted?.Resource)).toContain(
      'StepFunctionsGetEventsForStepFunctionsExecutionRule',
    );
  });
});
