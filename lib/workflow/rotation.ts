import {
  Choice,
  Condition,
  Wait,
  WaitTime,
  type IChainable,
  type INextable,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { StepName } from '../../lambdas/steps/contracts';
import { catchInto, functionsConstant, stepTask, type FunctionArns, type StepTask } from './step-task';
import { endings, type Endings } from './undo-tail';

/** What the console shows above the graph. */
export const rotationDescription = [
  'Rotates the credential of one identity and proves that the old one is refused.',
  'Only verified runs end green; every other run ends in a Fail state whose error and cause are sentences with the next step.',
  'Sample input: {"identityId":"orders-db","trigger":"manual"}',
].join(' ');

/** The states of Rotation: twelve are entered when nothing goes wrong. */
export function rotationStates(scope: Construct, arns: FunctionArns): IChainable {
  const ends = endings(scope, arns, '{% $states.context.Execution.Name %}');
  const open = catchInto(
    stepTask(scope, 'Open', {
      arns,
      payload: { input: '{% $states.context.Execution.Input %}' },
      assign: { functions: functionsConstant(arns), run: '{% $states.result.Payload %}' },
    }),
    { closeFailed: ends.closeFailed },
  );
  const [mint, ...forwards] = forward(scope, arns, ends);
  inOrder([mint, ...forwards]);
  return open.next(needsApproval(scope, ends).otherwise(mint));
}

function needsApproval(scope: Construct, { closeFailed }: Endings): Choice {
  const failure = {
    Error: 'NotApproved',
    Cause:
      'The policy asks for an approval of rotations, and approvals are not available. Nothing was changed. Set approval.rotation to never in the policy and deploy it.',
  };
  return Choice.jsonata(scope, 'NeedsApproval', {
    comment: 'Rotations whose policy asks for an approval stop here.',
  }).when(Condition.jsonata("{% $run.approval = 'required' %}"), closeFailed, { assign: { failure } });
}

function forward(
  scope: Construct,
  arns: FunctionArns,
  { closeFailed, reinstate }: Endings,
): [StepTask, ...(StepTask | Wait)[]] {
  const reversible = (step: StepName): StepTask =>
    catchInto(stepTask(scope, step, { arns }), { closeFailed, undo: reinstate });
  const final = (step: StepName): StepTask => catchInto(stepTask(scope, step, { arns }), { closeFailed });
  const overlap = Wait.jsonata(scope, 'Overlap', {
    comment: 'Both credentials stay good for as long as the policy says.',
    time: WaitTime.seconds('{% $run.overlapSeconds %}'),
  });
  return [
    reversible('Mint'),
    reversible('ProveNew'),
    reversible('Promote'),
    reversible('Distribute'),
    overlap,
    reversible('ConfirmNew'),
    final('Retire'),
    final('ProveOld'),
    final('Remove'),
    final('Close'),
  ];
}

/** Chains states one after the other; the last one ends the machine. */
export function inOrder(states: readonly (IChainable & INextable)[]): void {
  for (const [index, state] of states.entries()) {
    const next = states[index + 1];
    if (next !== undefined) state.next(next);
  }
}
