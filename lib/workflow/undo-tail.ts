import { Choice, Condition, Errors, Fail } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { StepName } from '../../lambdas/steps/contracts';
import { catchInto, stepTask, type FunctionArns, type StepTask } from './step-task';

/** Where runs that did not get to `verified` end. */
export interface Endings {
  /** Closes the run as failed and ends the execution in a Fail state that says why. */
  readonly closeFailed: StepTask;
  /** Goes back to the old credential, undoes the candidate if there is one, then closes as failed. */
  readonly reinstate: StepTask;
}

/**
 * The states after a failure. Whatever goes wrong on the way back is kept in `$undoFailure`, so that the run closes with
 * the failure it began with.
 * @param runId expression of the run to close; its execution's name, or a run that was taken over
 */
export function endings(scope: Construct, arns: FunctionArns, runId: string): Endings {
  const closeFailed = closing(scope, arns, runId);
  const back = (step: StepName): StepTask => backwards(scope, step, arns, closeFailed);
  const promoteBack = back('PromoteBack');
  const reinstate = catchInto(
    stepTask(scope, 'Reinstate', { arns }),
    { closeFailed, undo: promoteBack },
    'undoFailure',
  );
  promoteBack.next(back('DistributeBack')).next(back('Undo')).next(back('ProveRestored')).next(closeFailed);
  const undoNeeded = Choice.jsonata(scope, 'UndoNeeded', {
    comment: 'Without a candidate there is nothing to undo.',
  });
  const candidate = '{% $exists($states.input.candidate) and $states.input.candidate != null %}';
  reinstate.next(undoNeeded.when(Condition.jsonata(candidate), promoteBack).otherwise(closeFailed));
  return { closeFailed, reinstate };
}

function backwards(scope: Construct, step: StepName, arns: FunctionArns, closeFailed: StepTask): StepTask {
  const assign = { undoFailure: '{% $states.errorOutput %}' };
  return stepTask(scope, step, { arns }).addCatch(closeFailed, { errors: [Errors.ALL], assign });
}

/** Closes the run as failed, in a Fail state that says why. */
export function closing(scope: Construct, arns: FunctionArns, runId: string): StepTask {
  const closeFailed = stepTask(scope, 'CloseFailed', {
    arns,
    payload: { runId, failure: '{% $failure %}' },
    assign: 'none',
  });
  const notVerified = Fail.jsonata(scope, 'NotVerified', {
    comment: 'The run is closed; error and cause say why it is not verified and what to do next.',
    error: '{% $states.input.error %}',
    cause: '{% $states.input.cause %}',
  });
  const unclosed = Fail.jsonata(scope, 'Unclosed', {
    comment: 'The run could not be closed.',
    error: 'RunNotClosed',
    cause:
      'The run failed and could not be closed. Nothing more is changed by this execution. Settle closes the run within a minute; if it is still open after five, follow docs/runbooks/settle-failing.md.',
  });
  closeFailed.next(notVerified);
  return closeFailed.addCatch(unclosed, {
    errors: [Errors.ALL],
    assign: { closeFailure: '{% $states.errorOutput %}' },
  });
}
