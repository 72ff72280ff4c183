import { Duration } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';

export interface ConsoleStartsProps {
  readonly prefix: string;
  /** Hears of every start. */
  readonly confirm: IFunction;
  /** Machines that people may start. */
  readonly machines: readonly IStateMachine[];
}

/**
 * Hears from the account's API log who started an execution. CloudTrail hands management events that write to EventBridge
 * where the account has a trail (EventBridge user guide, "AWS service events delivered via AWS CloudTrail"); without one
 * nothing comes, and who asked stays claimed. Nobody else can put an event of a source that begins with `aws.` on a bus.
 */
export class ConsoleStarts extends Construct {
  constructor(scope: Construct, id: string, { prefix, confirm, machines }: ConsoleStartsProps) {
    super(scope, id);
    new Rule(this, 'Started', {
      ruleName: `${prefix}-started`,
      description: 'Tells the function that confirms requesters who started a machine of Gapless',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['AWS API Call via CloudTrail'],
        detail: {
          eventSource: ['states.amazonaws.com'],
          eventName: ['StartExecution'],
          requestParameters: { stateMachineArn: machines.map(({ stateMachineArn }) => stateMachineArn) },
        },
      },
      targets: [new LambdaFunction(confirm, { retryAttempts: 5, maxEventAge: Duration.hours(2) })],
    });
  }
}
