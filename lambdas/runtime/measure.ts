import { MEASURES, type Measures } from '../../core/measures';

/**
 * Writes one line that CloudWatch Logs turns into metrics (embedded metric format, developer guide of CloudWatch,
 * "Specification: Embedded metric format"). It holds numbers and nothing else. `now` in epoch ms.
 */
export function measure(now: number, measures: Measures): void {
  const Metrics = Object.keys(measures).map((Name) => ({ Name, Unit: 'Count' }));
  const CloudWatchMetrics = [{ Namespace: MEASURES, Dimensions: [[]], Metrics }];
  console.log(JSON.stringify({ _aws: { Timestamp: now, CloudWatchMetrics }, ...measures }));
}
