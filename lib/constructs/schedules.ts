import { Duration } from 'aws-cdk-lib';
import {
  Schedule,
  ScheduleExpression,
  ScheduleTargetInput,
  type IScheduleTarget,
} from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke, StepFunctionsStartExecution } from 'aws-cdk-lib/aws-scheduler-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';

export interface SchedulesProps {
  readonly prefix: string;
  readonly sweep: IStateMachine;
  readonly settle: IFunction;
  readonly seal: IFunction;
  /** Time between two Sweeps, looks of Settle, and seals; a minute bounds how late a breach is recorded or a record sealed. */
  readonly every: Duration;
}

// A missed minute is made up by the next one, so deliveries are not kept longer than that; nothing is lost that a
// dead-letter queue would have to hold.
const delivery = {
  retryAttempts: 2,
  maxEventAge: Duration.minutes(1),
  input: ScheduleTargetInput.fromObject({}),
};

/** What starts work by itself: Sweep, the function that looks for dead runs and due obligations, and the one that seals. */
export class Schedules extends Construct {
  constructor(scope: Construct, id: string, props: SchedulesProps) {
    super(scope, id);
    this.add(
      'sweep',
      'Starts the rotations that are due',
      new StepFunctionsStartExecution(props.sweep, delivery),
      props,
    );
    this.add(
      'settle',
      'Closes dead runs and pays what is owed',
      new LambdaInvoke(props.settle, delivery),
      props,
    );
    this.add('seal', 'Seals what was recorded', new LambdaInvoke(props.seal, delivery), props);
  }

  private add(
    name: string,
    description: string,
    target: IScheduleTarget,
    { prefix, every }: SchedulesProps,
  ): void {
    const schedule = ScheduleExpression.rate(every);
    new Schedule(this, name, {
      scheduleName: `${prefix}-${name}`,
      description: `Gapless: ${description}`,
      schedule,
      target,
    });
  }
}

/** Starts a function every minute. */
export function everyMinute(
  scope: Construct,
  name: string,
  { started, description }: { readonly started: IFunction; readonly description: string },
): void {
  new Schedule(scope, name, {
    scheduleName: name,
    description: `Gapless: ${description}`,
    schedule: ScheduleExpression.rate(Duration.minutes(1)),
    target: new LambdaInvoke(started, delivery),
  });
}
