import { measure } from '../../lambdas/runtime/measure';
import { resourcesOf, soundApp } from '../support/synth';
import { asText } from '../support/template';

const { workflow } = soundApp();

describe('notices', () => {
  it('that need a person are sent on to a topic as the chat shows them, and no others', () => {
    const [rule] = resourcesOf(workflow, 'AWS::Events::Rule').map(({ Properties }) => Properties);
    expect(rule).toMatchObject({
      EventPattern: { source: ['gapless'], detail: { data: { needs: ['person'] } } },
      Targets: [{ InputPath: '$.detail.data.chat' }],
    });
    const [topic] = resourcesOf(workflow, 'AWS::SNS::Topic').map(({ Properties }) => Properties);
    expect(topic).toMatchObject({ TopicName: 'gapless-notices' });
  });

  it('reach the topic by EventBridge alone, over TLS', () => {
    const [policy] = resourcesOf(workflow, 'AWS::SNS::TopicPolicy').map(({ Properties }) =>
      JSON.stringify(Properties['PolicyDocument']),
    );
    expect(policy).toContain('"Service":"events.amazonaws.com"');
    expect(policy).toContain('"aws:SecureTransport":"false"');
  });
});

describe('alarms on what the functions measure', () => {
  const alarms = resourcesOf(workflow, 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties);
  const watched = alarms.filter(({ Namespace }) => Namespace === 'Gapless');

  it('watch the metrics that are written, without a dimension, and fire at one', () => {
    expect(
      watched.map(({ AlarmName, MetricName, Statistic }) => [asText(AlarmName), MetricName, Statistic]),
    ).toEqual([
      ['gapless-obligation-overdue', 'ObligationsOverdue', 'Maximum'],
      ['gapless-break-glass-used', 'BreakGlassUsed', 'Sum'],
      ['gapless-evidence-degraded', 'EvidenceWaiting', 'Maximum'],
      ['gapless-run-not-closed', 'RunsNotClosed', 'Maximum'],
    ]);
    for (const alarm of watched)
      expect(alarm).toMatchObject({ Threshold: 1, TreatMissingData: 'notBreaching' });
    expect(watched.every(({ Dimensions }) => Dimensions === undefined)).toBe(true);
  });

  it.each(['ObligationsOverdue', 'BreakGlassUsed', 'RunsNotClosed'] as const)(
    'get %s from a line in the embedded metric format',
    (metric) => {
      const lines: unknown[] = [];
      const log = jest.spyOn(console, 'log').mockImplementation((line) => void lines.push(line));
      measure(1_000, { [metric]: 2 });
      log.mockRestore();
      expect(JSON.parse(String(lines[0]))).toEqual({
        _aws: {
          Timestamp: 1_000,
          CloudWatchMetrics: [
            { Namespace: 'Gapless', Dimensions: [[]], Metrics: [{ Name: metric, Unit: 'Count' }] },
          ],
        },
        [metric]: 2,
      });
    },
  );
});
