import { MathExpression, Metric, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { MEASURES, type Measures } from '../../core/measures';
import { AlarmSet, period, type AlarmSetProps } from './alarm-set';

export interface AlarmsProps extends AlarmSetProps {
  readonly rotation: IStateMachine;
  readonly revocation: IStateMachine;
  readonly sweep: IStateMachine;
  readonly settle: IFunction;
  readonly settleMachine: IStateMachine;
  readonly bulk: IStateMachine;
  readonly seal: IFunction;
}

/** The alarms a deployment cannot do without. Each names its runbook, docs/runbooks/<alarm>.md. */
export class Alarms extends AlarmSet {
  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id, props);
    this.add(
      { name: 'rotation-not-verified', means: 'A rotation ended without proof.' },
      notGreen(props.rotation),
      1,
    );
    this.add(
      { name: 'revocation-not-verified', means: 'A revocation ended without proof.' },
      notGreen(props.revocation),
      1,
    );
    this.add({ name: 'sweep-failing', means: 'Due rotations are not started.' }, notGreen(props.sweep), 2);
    this.watch(props.settle, {
      failing: { name: 'settle-failing', means: 'Dead runs and obligations are not looked after.' },
      silent: { name: 'settle-silent', means: 'Settle was not started at all.' },
    });
    this.add(
      { name: 'settle-not-paid', means: 'What Settle took up did not end verified.' },
      notGreen(props.settleMachine),
      1,
    );
    this.watch(props.seal, {
      failing: { name: 'seal-failing', means: 'Records are not sealed, or something sealed does not hold.' },
      silent: { name: 'seal-silent', means: 'Seal was not started at all.' },
    });
    this.emergencies(props);
  }

  private emergencies({ bulk }: AlarmsProps): void {
    this.add(
      {
        name: 'obligation-overdue',
        means: 'A credential is not proven refused and its deadline has passed.',
      },
      measured('ObligationsOverdue', 'Maximum'),
      1,
    );
    this.add(
      { name: 'break-glass-used', means: 'A revocation went on without the second person it needs.' },
      measured('BreakGlassUsed', 'Sum'),
      1,
    );
    this.add(
      {
        name: 'evidence-degraded',
        means: 'Records of an emergency wait to be taken into the evidence table.',
      },
      measured('EvidenceWaiting', 'Maximum'),
      1,
    );
    this.add(
      { name: 'run-not-closed', means: 'A run is open for longer than its machine can take.' },
      measured('RunsNotClosed', 'Maximum'),
      1,
    );
    this.add(
      { name: 'bulk-incomplete', means: 'A bulk revocation ended with somebody not proven dead.' },
      notGreen(bulk),
      1,
    );
  }
}

/** What the functions measure themselves: lines in their logs that CloudWatch turns into metrics. */
function measured(metricName: keyof Measures, statistic: 'Maximum' | 'Sum'): IMetric {
  return new Metric({ namespace: MEASURES, metricName, period, statistic });
}

function notGreen(machine: IStateMachine): IMetric {
  const options = { period, statistic: 'Sum' };
  return new MathExpression({
    expression: 'failed + timedOut + aborted',
    period,
    label: 'executions that did not succeed',
    usingMetrics: {
      failed: machine.metricFailed(options),
      timedOut: machine.metricTimedOut(options),
      aborted: machine.metricAborted(options),
    },
  });
}
