import { Choice, Condition, Errors, type IChainable } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { APPROVAL_SECONDS } from '../../core/approval/request';
import { catchInto, stepTask, type FunctionArns, type StepTask } from './step-task';

/** Where an approval leads. */
export interface ApprovalWays {
  readonly closeFailed: StepTask;
  /** What is done once it is approved, or when none is needed. */
  readonly next: IChainable;
}

/**
 * The states that ask a second person, where `$run.approval` says so: Approve waits for a decision, Approved reads the
 * stored one. A wait whose time is over is read too, since a decision may be stored whose message was lost; without
 * one it is denied.
 */
export function needsApproval(
  scope: Construct,
  arns: FunctionArns,
  { closeFailed, next }: ApprovalWays,
): Choice {
  const approved = catchInto(stepTask(scope, 'Approved', { arns }), { closeFailed });
  approved.next(next);
  const approve = stepTask(scope, 'Approve', {
    arns,
    payload: { run: '{% $run %}', token: '{% $states.context.Task.Token %}' },
    assign: 'none',
    waitSeconds: APPROVAL_SECONDS,
  });
  approve.addCatch(approved, { errors: [Errors.TIMEOUT] });
  catchInto(approve, { closeFailed }).next(approved);
  return Choice.jsonata(scope, 'NeedsApproval', {
    comment: 'Goes on at once unless the policy asks for a second person.',
  })
    .when(Condition.jsonata("{% $run.approval = 'required' %}"), approve)
    .otherwise(next);
}
