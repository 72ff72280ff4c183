import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  MathExpression,
  TreatMissingData,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

export interface AlarmSetProps {
  readonly prefix: string;
  readonly topicArn: string | undefined;
}

/** What an alarm is called and what it says. */
export interface AlarmText {
  /** Name of the alarm and of its page in docs/runbooks. */
  readonly name: string;
  readonly means: string;
}

/** Time over which an alarm counts. */
export const period = Duration.minutes(5);

/** Alarms of a stack. Each names its runbook, docs/runbooks/<alarm>.md. */
export class AlarmSet extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly set: AlarmSetProps,
  ) {
    super(scope, id);
  }

  /** A function that a schedule starts: its errors, and that it was not started. */
  protected watch(
    started: IFunction,
    { failing, silent }: Readonly<Record<'failing' | 'silent', AlarmText>>,
  ): void {
    this.add(failing, started.metricErrors({ period, statistic: 'Sum' }), 1);
    this.add(silent, silence(started), 1, 'breaching');
  }

  protected add(
    { name, means }: AlarmText,
    metric: IMetric,
    threshold: number,
    missing: 'breaching' | 'notBreaching' = 'notBreaching',
  ): void {
    const alarm = new Alarm(this, name, {
      alarmName: `${this.set.prefix}-${name}`,
      alarmDescription: `${means} What to do: docs/runbooks/${name}.md`,
      metric,
      threshold,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: missing === 'breaching' ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
    const { topicArn } = this.set;
    if (topicArn !== undefined)
      alarm.addAlarmAction(new SnsAction(Topic.fromTopicArn(this, `${name}-topic`, topicArn)));
  }
}

/** One while there was no invocation in a period: a schedule that stopped raises no error anywhere else. */
function silence(started: IFunction): IMetric {
  return new MathExpression({
    expression: 'IF(FILL(invocations, 0) < 1, 1, 0)',
    period,
    label: 'no look in the last five minutes',
    usingMetrics: { invocations: started.metricInvocations({ period, statistic: 'Sum' }) },
  });
}
