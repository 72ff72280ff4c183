import { Aws, Duration } from 'aws-cdk-lib';
import {
  CustomState,
  Errors,
  JitterType,
  type IChainable,
  type INextable,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { stepContracts, timeoutSeconds, type StepName } from '../../lambdas/steps/contracts';
import { closeAtOnce, retriesOf } from './retries';

/** ARNs of the functions: core ones by role, the others by route (`<kind>/<network>`) or network. */
export interface FunctionArns {
  readonly core: Readonly<
    Record<'open' | 'bulk' | 'approval' | 'promote' | 'close' | 'sweep' | 'settle', string>
  >;
  readonly mutator: Readonly<Record<string, string>>;
  readonly prober: Readonly<Record<string, string>>;
  readonly consumers: Readonly<Record<string, string>>;
}

/** A Task state: what leads on and what catches. */
export type StepTask = CustomState & INextable;

export interface StepTaskProps {
  readonly arns: FunctionArns;
  /** What the step gets beside its name and the execution; `{% $run %}` as `run` by default. */
  readonly payload?: Readonly<Record<string, unknown>>;
  /** Variables set on success; `run` by default, `none` for steps that carry no run on. */
  readonly assign?: Readonly<Record<string, unknown>> | 'none';
  /** The function only begins something: the state waits this long, in seconds, until somebody sends its task token. */
  readonly waitSeconds?: number;
}

/** Where a failed step leads: closing at once where nothing was changed or may be touched, else the way back. */
export interface WaysOut {
  readonly closeFailed: IChainable;
  readonly undo?: IChainable;
}

// A little above the function's own limit: it only ends an invocation whose answer was lost.
const ANSWER_LOST_SECONDS = 15;

/** How a payload names the execution. The context object is the only source: no input can pretend to be another. */
export const execution = {
  id: '{% $states.context.Execution.Id %}',
  name: '{% $states.context.Execution.Name %}',
  startTime: '{% $states.context.Execution.StartTime %}',
  redriveCount: '{% $states.context.Execution.RedriveCount %}',
} as const;

/** The Task state of a step. Its name, comment, function and Retry come from the step's contract. */
export function stepTask(scope: Construct, step: StepName, props: StepTaskProps): StepTask {
  const contract = stepContracts[step];
  const state = new CustomState(scope, step, {
    stateJson: {
      Type: 'Task',
      Comment: contract.does,
      Resource: `arn:${Aws.PARTITION}:states:::lambda:invoke${props.waitSeconds === undefined ? '' : '.waitForTaskToken'}`,
      TimeoutSeconds: props.waitSeconds ?? timeoutSeconds[contract.function] + ANSWER_LOST_SECONDS,
      Arguments: {
        FunctionName: functionName(step, props.arns),
        Payload: { stage: step, execution, ...(props.payload ?? { run: '{% $run %}' }) },
      },
      ...assignment(props.assign ?? { run: '{% $states.result.Payload %}' }),
      // What comes with a task token is whatever its sender says.
      Output: props.waitSeconds === undefined ? '{% $states.result.Payload %}' : {},
    },
  });
  for (const rule of retriesOf(step)) {
    state.addRetry({
      errors: [...rule.errors],
      interval: Duration.seconds(rule.intervalSeconds),
      backoffRate: rule.backoffRate,
      maxAttempts: rule.maxAttempts,
      jitterStrategy: JitterType.FULL,
    });
  }
  return state;
}

/** Adds the ways out of a failed step; each keeps the failure in a variable. */
export function catchInto(
  state: StepTask,
  { closeFailed, undo }: WaysOut,
  variable: 'failure' | 'undoFailure' = 'failure',
): StepTask {
  const assign = { [variable]: '{% $states.errorOutput %}' };
  if (undo !== undefined) state.addCatch(closeFailed, { errors: [...closeAtOnce], assign });
  return state.addCatch(undo ?? closeFailed, { errors: [Errors.ALL], assign });
}

/** The constant that dynamic function names are looked up in; assigned by the first step of a machine. */
export function functionsConstant({ mutator, prober, consumers }: FunctionArns): Record<string, unknown> {
  return { mutator, prober, consumers };
}

function assignment(assign: Exclude<StepTaskProps['assign'], undefined>): { Assign?: object } {
  return assign === 'none' ? {} : { Assign: assign };
}

function functionName(step: StepName, arns: FunctionArns): string {
  const role = stepContracts[step].function;
  switch (role) {
    case 'mutator':
    case 'prober':
      return `{% $lookup($functions.${role}, $run.route) %}`;
    case 'consumers':
      return '{% $lookup($functions.consumers, $run.network) %}';
    case 'open':
    case 'bulk':
    case 'approval':
    case 'promote':
    case 'close':
    case 'sweep':
    case 'settle':
      return arns.core[role];
    default:
      return role satisfies never;
  }
}
