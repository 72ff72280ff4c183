import { Aws } from 'aws-cdk-lib';
import {
  Choice,
  Condition,
  CustomState,
  type IChainable,
  type INextable,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { StepName } from '../../lambdas/steps/contracts';
import { needsApproval } from './approval';
import { startRetry } from './start-execution';
import { catchInto, functionsConstant, stepTask, type FunctionArns, type StepTask } from './step-task';
import { closing } from './undo-tail';

/** What the console shows above the graph. */
export const revocationDescription = [
  'Emergency: makes every credential of one identity unusable, ends its sessions, and proves both at the target.',
  'Green means: each credential was presented and refused, and no session is left. Anything else ends red with a sentence and the next step, stays owed, and is tried again until it is proven.',
  'Sample input: {"identityId":"orders-db","reason":"key found in a public repository"} - add "reissue":true if a new credential is wanted afterwards.',
].join(' ');

/** A credential that is still accepted is contained again this often before the run leaves it to Settle. */
const ROUNDS = 4;

/** What Close is told: the run, and why the reissue was not started, if it was not. */
const closePayload = {
  run: '{% $run %}',
  reissueFailure: '{% $exists($reissueFailure) ? $reissueFailure : null %}',
} as const;

export interface RevocationProps {
  readonly arns: FunctionArns;
  readonly rotationMachineArn: string;
}

/** The states of Revocation: seven are entered when nothing goes wrong. */
export function revocationStates(
  scope: Construct,
  { arns, rotationMachineArn }: RevocationProps,
): IChainable {
  const closeFailed = closing(scope, arns, '{% $states.context.Execution.Name %}');
  const open = stepTask(scope, 'Open', {
    arns,
    payload: { machine: 'revocation', input: '{% $states.context.Execution.Input %}' },
    assign: { functions: functionsConstant(arns), run: '{% $states.result.Payload %}' },
  });
  const step = (name: StepName): StepTask => catchInto(stepTask(scope, name, { arns }), { closeFailed });
  const close = catchInto(stepTask(scope, 'Close', { arns, payload: closePayload }), { closeFailed });
  const remove = step('Remove');
  const contain = step('Contain');
  contain.next(proveRefused(scope, arns, { contain, closeFailed }).next(remove));
  remove.next(needsReissue(scope, close, startReissue(scope, rotationMachineArn, close)));
  return catchInto(open, { closeFailed }).next(needsApproval(scope, arns, { closeFailed, next: contain }));
}

/** The proof, and the way back to Contain from a credential that is still accepted; Settle's machine has it too. */
export function proveRefused(
  scope: Construct,
  arns: FunctionArns,
  { contain, closeFailed }: { readonly contain: StepTask; readonly closeFailed: StepTask },
): StepTask {
  const again = Choice.jsonata(scope, 'ContainAgain', {
    comment: 'A credential that is still accepted, or still has sessions, is contained again.',
  })
    .when(Condition.jsonata(`{% $run.round <= ${ROUNDS} %}`), contain)
    .otherwise(closeFailed);
  const task = stepTask(scope, 'ProveRefused', { arns });
  task.addCatch(again, {
    errors: ['OldStillAccepted', 'SessionsRemain'],
    assign: {
      failure: '{% $states.errorOutput %}',
      run: '{% $merge([$run, {"round": $run.round + 1}]) %}',
    },
  });
  return catchInto(task, { closeFailed });
}

function needsReissue(scope: Construct, close: StepTask, start: IChainable): Choice {
  return Choice.jsonata(scope, 'NeedsReissue', {
    comment: 'A new credential is made by a run of its own, with an approval of its own.',
  })
    .when(Condition.jsonata('{% $exists($run.reissue) and $run.reissue != null %}'), start)
    .otherwise(close);
}

/** Its first step waits until this run has closed and given the identity back. */
function startReissue(scope: Construct, rotationMachineArn: string, close: StepTask): IChainable {
  const start: CustomState & INextable = new CustomState(scope, 'StartReissue', {
    stateJson: {
      Type: 'Task',
      Comment: 'Starts the rotation that issues a new credential.',
      Resource: `arn:${Aws.PARTITION}:states:::states:startExecution`,
      Arguments: {
        StateMachineArn: rotationMachineArn,
        Name: '{% $run.reissue %}',
        Input: {
          identityId: '{% $run.identityId %}',
          reissue: '{% $run.runId %}',
          reason: 'reissue after a revocation',
          actor: '{% $run.actor.id %}',
        },
      },
      Retry: startRetry,
    },
  });
  // A reissue that cannot be started leaves the credential as dead as it is; it is started by hand then.
  start.addCatch(close, { errors: ['States.ALL'], assign: { reissueFailure: '{% $states.errorOutput %}' } });
  return start.next(close);
}
