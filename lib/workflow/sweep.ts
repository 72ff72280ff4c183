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
  type IChainable,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { ListReader } from './list-reader';
import { ALREADY } from './start-execution';
import { stepTask, type FunctionArns } from './step-task';

/** What the console shows above the graph. */
export const sweepDescription = [
  'Takes new policies into the registry and starts a rotation for every identity that is due.',
  'Started every minute by a schedule; a second delivery of the same minute starts nothing twice.',
  'Sample input: {}',
].join(' ');

// Ten thousand due identities start within minutes and stay below the StartExecution refill of 300 a second.
const STARTS_AT_ONCE = 40;

export interface SweepProps {
  readonly arns: FunctionArns;
  /** The bucket that due lists are written to. */
  readonly lists: IBucket;
  readonly rotationMachineArn: string;
}

/** The states of Sweep. */
export function sweepStates(scope: Construct, { arns, lists, rotationMachineArn }: SweepProps): IChainable {
  const enrol = stepTask(scope, 'Enrol', { arns, payload: {}, assign: 'none' });
  const dueList = stepTask(scope, 'DueList', { arns, payload: {}, assign: 'none' });
  const nothingDue = Succeed.jsonata(scope, 'NothingDue', { outputs: { started: 0, skipped: 0, failed: 0 } });
  const anyDue = Choice.jsonata(scope, 'AnyDue').when(
    Condition.jsonata('{% $states.input.count > 0 %}'),
    startRotations(scope, lists, rotationMachineArn).next(allStarted(scope)),
  );
  return enrol.next(dueList).next(anyDue.otherwise(nothingDue));
}

function startRotations(scope: Construct, lists: IBucket, rotationMachineArn: string): DistributedMap {
  const map = DistributedMap.jsonata(scope, 'StartRotations', {
    comment:
      'Starts one Rotation per due identity; its name is made of identity and slot, so each slot starts once.',
    itemReader: new ListReader({ bucket: lists, key: '{% $states.input.key %}' }),
    maxConcurrency: STARTS_AT_ONCE,
    mapExecutionType: StateMachineType.EXPRESS,
    label: 'StartRotations',
    outputs: {
      started: "{% $count($states.result[result = 'started']) %}",
      skipped: "{% $count($states.result[result = 'skipped']) %}",
      failed: "{% $count($states.result[result = 'failed']) %}",
    },
  });
  return map.itemProcessor(startRotation(scope, rotationMachineArn));
}

function startRotation(scope: Construct, rotationMachineArn: string): IChainable {
  const start = new CustomState(scope, 'StartRotation', {
    stateJson: {
      Type: 'Task',
      Resource: `arn:${Aws.PARTITION}:states:::states:startExecution`,
      Arguments: {
        StateMachineArn: rotationMachineArn,
        Name: '{% $states.input.name %}',
        Input: '{% $states.input.input %}',
      },
      Output: { result: 'started' },
      Retry: [
        { ErrorEquals: [ALREADY], MaxAttempts: 0 },
        {
          ErrorEquals: ['States.ALL'],
          IntervalSeconds: 1,
          BackoffRate: 2,
          MaxAttempts: 4,
          JitterStrategy: 'FULL',
        },
      ],
    },
  });
  const already = Pass.jsonata(scope, 'AlreadyStarted', {
    comment: 'This slot is served.',
    outputs: { result: 'skipped' },
  });
  const failed = Pass.jsonata(scope, 'NotStarted', {
    comment: 'The next Sweep tries again.',
    outputs: { result: 'failed' },
  });
  return start.addCatch(already, { errors: [ALREADY] }).addCatch(failed, { errors: [Errors.ALL] });
}

function allStarted(scope: Construct): Choice {
  const swept = Succeed.jsonata(scope, 'Swept');
  const someNotStarted = Fail.jsonata(scope, 'SomeNotStarted', {
    error: 'RotationsNotStarted',
    cause:
      "{% $string($states.input.failed) & ' of the due rotations could not be started. Nothing was changed for them, and the next Sweep tries again. If this repeats, follow docs/runbooks/sweep-failing.md.' %}",
  });
  const choice = Choice.jsonata(scope, 'AllStarted');
  return choice.when(Condition.jsonata('{% $states.input.failed = 0 %}'), swept).otherwise(someNotStarted);
}
