import { Wait, WaitTime, type IChainable } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { StepName } from '../../lambdas/steps/contracts';
import { needsApproval } from './approval';
import { catchInto, functionsConstant, stepTask, type FunctionArns, type StepTask } from './step-task';
import { endings } from './undo-tail';

/** What the console shows above the graph. */
export const rotationDescription = [
  'Rotates the credential of one identity and proves that the old one is refused.',
  'Only verified runs end green; every other run ends in a Fail state whose error and cause are sentences with the next step.',
  'Sample input: {"identityId":"orders-db","reason":"why now","actor":"who asks"}',
].join(' ');

/** The states of Rotation: twelve are entered when nothing goes wrong. */
export function rotationStates(scope: Construct, arns: FunctionArns): IChainable {
  const { closeFailed, reinstate } = endings(scope, arns, '{% $states.context.Execution.Name %}');
  const open = stepTask(scope, 'Open', {
    arns,
    payload: { input: '{% $states.context.Execution.Input %}' },
    assign: { functions: functionsConstant(arns), run: '{% $states.result.Payload %}' },
  });
  const reversible = (step: StepName): StepTask =>
    catchInto(stepTask(scope, step, { arns }), { closeFailed, undo: reinstate });
  const final = (step: StepName): StepTask => catchInto(stepTask(scope, step, { arns }), { closeFailed });
  const mint = reversible('Mint');
  mint
    .next(reversible('ProveNew'))
    .next(reversible('Promote'))
    .next(reversible('Distribute'))
    .next(overlap(scope))
    .next(reversible('ConfirmNew'))
    .next(final('Retire'))
    .next(final('ProveOld'))
    .next(final('Remove'))
    .next(final('Close'));
  return catchInto(open, { closeFailed }).next(needsApproval(scope, arns, { closeFailed, next: mint }));
}

function overlap(scope: Construct): Wait {
  return Wait.jsonata(scope, 'Overlap', {
    comment: 'Both credentials stay good for as long as the policy says.',
    time: WaitTime.seconds('{% $run.overlapSeconds %}'),
  });
}
