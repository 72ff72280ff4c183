import { Choice, Condition, Errors, Fail, type IChainable } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { StepName } from '../../lambdas/steps/contracts';
import { catchInto, functionsConstant, stepTask, type FunctionArns, type StepTask } from './step-task';
import { proveRefused } from './revocation';
import { endings } from './undo-tail';

/** What the console shows above the graph. */
export const settleDescription = [
  'Finishes what an execution left behind: closes a run whose execution died, or pays an obligation of an earlier run.',
  'Started by the settle function every minute; start it by hand only when a runbook says so.',
  'Sample input: {"kind":"adopt","runId":"rotation-4f1c"} or',
  '{"kind":"pay","identityId":"orders-db","versionId":"5b0e","type":"refusal","attempt":1} or',
  '{"kind":"contain","identityId":"orders-db","about":"revocation-7a02","attempt":1}',
].join(' ');

// The execution of an adopted run is gone and took its error with it.
const failure = {
  Error: 'RunAborted',
  Cause: 'The execution of this run ended before the run was closed.',
} as const;

/** The states of Settle: back, on to the refusal that is owed, containing anew, or just closed, as Begin finds it. */
export function settleStates(scope: Construct, arns: FunctionArns): IChainable {
  const { closeFailed, reinstate } = endings(scope, arns, '{% $run.runId %}');
  const begin = stepTask(scope, 'Begin', {
    arns,
    payload: { input: '{% $states.context.Execution.Input %}' },
    assign: { functions: functionsConstant(arns), run: '{% $states.result.Payload %}', failure },
  });
  const notBegun = Fail.jsonata(scope, 'NotBegun', {
    comment: 'Nothing was taken over; Settle tries again.',
    error: '{% $states.input.Error %}',
    cause: '{% $states.input.Cause %}',
  });
  begin.addCatch(notBegun, { errors: [Errors.ALL] });
  const pay = (step: StepName): StepTask => catchInto(stepTask(scope, step, { arns }), { closeFailed });
  const close = pay('Close');
  const remove = pay('Remove');
  const reassert = pay('Reassert');
  reassert.next(pay('ConfirmNew')).next(pay('Retire')).next(pay('ProveOld')).next(remove).next(close);
  const contain = pay('Contain');
  contain.next(proveRefused(scope, arns, { contain, closeFailed }).next(remove));
  const direction = Choice.jsonata(scope, 'Direction', {
    comment: 'Where the dead run stood decides which way it ends.',
  })
    .when(Condition.jsonata("{% $run.direction = 'undo' %}"), reinstate)
    .when(Condition.jsonata("{% $run.direction = 'pay' %}"), reassert)
    .when(Condition.jsonata("{% $run.direction = 'contain' %}"), contain)
    .otherwise(closeFailed);
  return begin.next(direction);
}
