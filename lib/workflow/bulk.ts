import { Aws } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import {
  Choice,
  Condition,
  CustomState,
  DistributedMap,
  Errors,
  Fail,
  Pass,
  StateMachineType,
  Succeed,
  Wait,
  WaitTime,
  type IChainable,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { bulkCounts } from '../../lambdas/steps/contracts';
import { needsApproval } from './approval';
import { ListReader } from './list-reader';
import { startRetry } from './start-execution';
import { catchInto, stepTask, type FunctionArns, type StepTask } from './step-task';
import { closing } from './undo-tail';

/** What the console shows above the graph. */
export const bulkDescription = [
  'Emergency: revokes every identity of an owner, tag, kind or list, each in a run of its own, and counts what became of each.',
  'Green means: everybody asked is proven dead. Anything else ends red with the counts; what is owed is tried again until it is proven.',
  'Sample input: {"select":{"owner":"payments"},"reason":"laptop of the team lost","dryRun":true} - dryRun only lists what would die.',
].join(' ');

export interface BulkProps {
  readonly arns: FunctionArns;
  /** The bucket that lists are written to. */
  readonly lists: IBucket;
  readonly revocationMachineArn: string;
}

/** The states of BulkRevocation. */
export function bulkStates(scope: Construct, { arns, lists, revocationMachineArn }: BulkProps): IChainable {
  // Set by OpenBulk, which also finds out that a run it takes over is one of this machine's.
  const runId = '{% $exists($run) ? $run.runId : $states.context.Execution.Name %}';
  const closeFailed = closing(scope, arns, runId);
  const open = stepTask(scope, 'OpenBulk', {
    arns,
    payload: { input: '{% $states.context.Execution.Input %}' },
    assign: { run: '{% $states.result.Payload.run %}', bulk: '{% $states.result.Payload %}', round: 1 },
  });
  const revokeAll = revocations(scope, lists, revocationMachineArn);
  revokeAll.next(counted(scope, arns, revokeAll, closeFailed));
  const planned = Succeed.jsonata(scope, 'Planned', { outputs: '{% $bulk.plan %}' });
  const dryRun = Choice.jsonata(scope, 'DryRun', { comment: 'A dry run has opened no run and ends here.' })
    .when(Condition.jsonata("{% $bulk.does = 'dryRun' %}"), planned)
    .otherwise(needsApproval(scope, arns, { closeFailed, next: revokeAll }));
  return opened(scope, open, closeFailed).next(dryRun);
}

/** What could not be opened closes nothing when it was to take over a run: that run is not this execution's. */
function opened(scope: Construct, open: StepTask, closeFailed: StepTask): StepTask {
  const notResumed = Fail.jsonata(scope, 'NotResumed', {
    comment: 'Nothing was taken over; Settle tries again.',
    error: '{% $failure.Error %}',
    cause: '{% $failure.Cause %}',
  });
  const whose = Choice.jsonata(scope, 'Resumed')
    .when(Condition.jsonata('{% $exists($states.context.Execution.Input.resume) %}'), notResumed)
    .otherwise(closeFailed);
  return catchInto(open, { closeFailed: whose });
}

function revocations(scope: Construct, lists: IBucket, revocationMachineArn: string): DistributedMap {
  const map = DistributedMap.jsonata(scope, 'RevokeAll', {
    comment:
      'One Revocation per identity, whose name is made of bulk run and identity: each is started once.',
    itemReader: new ListReader({ bucket: lists, key: '{% $bulk.list.key %}' }),
    jsonataMaxConcurrency: '{% $bulk.atOnce %}',
    mapExecutionType: StateMachineType.STANDARD,
    label: 'RevokeAll',
    // One that fails stops nobody: the verdicts are counted afterwards, and never taken from here.
    toleratedFailurePercentage: 100,
    outputs: {},
  });
  return map.itemProcessor(revocation(scope, revocationMachineArn));
}

function revocation(scope: Construct, revocationMachineArn: string): IChainable {
  const ended = Pass.jsonata(scope, 'Ended', { comment: 'What became of it is counted later.', outputs: {} });
  const start = new CustomState(scope, 'Revoke', {
    stateJson: {
      Type: 'Task',
      Comment: 'Starts the revocation and waits for its end.',
      Resource: `arn:${Aws.PARTITION}:states:::states:startExecution.sync:2`,
      Arguments: {
        StateMachineArn: revocationMachineArn,
        Name: '{% $states.input.name %}',
        Input: '{% $states.input.input %}',
      },
      Output: {},
      Retry: startRetry,
    },
  });
  start.addCatch(ended, { errors: [Errors.ALL] });
  return Choice.jsonata(scope, 'ToRevoke', { comment: 'Who is revoked already is only counted.' })
    .when(Condition.jsonata("{% $states.input.start = 'yes' %}"), start)
    .otherwise(ended);
}

function counted(
  scope: Construct,
  arns: FunctionArns,
  revokeAll: DistributedMap,
  closeFailed: StepTask,
): IChainable {
  const count = stepTask(scope, 'CloseBulk', {
    arns,
    payload: { run: '{% $run %}', round: '{% $round %}' },
    assign: { counted: '{% $states.result.Payload %}', round: '{% $round + 1 %}' },
  });
  const wait = Wait.jsonata(scope, 'Unfinished', {
    comment: 'Revocations that Settle took over go on by themselves.',
    time: WaitTime.seconds('{% $counted.waitSeconds %}'),
  });
  const again = Choice.jsonata(scope, 'StartedAll')
    .when(Condition.jsonata('{% $counted.unstarted > 0 %}'), revokeAll)
    .otherwise(count);
  wait.next(again);
  const green = Succeed.jsonata(scope, 'AllRevoked', { outputs: '{% $counted.census %}' });
  const red = Fail.jsonata(scope, 'NotAllRevoked', {
    comment: 'The run is closed; the cause holds the counts and says what to do next.',
    error: 'BulkIncomplete',
    cause: '{% $counted.cause %}',
  });
  const allRevoked = Choice.jsonata(scope, 'Counted')
    // CloseBulk ends this by itself; the comparison shows the bound in the definition.
    .when(Condition.jsonata(`{% $counted.state = 'open' and $round <= ${bulkCounts.most} %}`), wait)
    .when(Condition.jsonata("{% $counted.state = 'verified' %}"), green)
    .otherwise(red);
  return catchInto(count, { closeFailed }).next(allRevoked);
}
