/** Namespace of the metrics in CloudWatch. */
const NAMESPACE = 'Gapless';

/** What is measured, by the name of its metric; lib/constructs/alarms.ts watches the same names. */
export interface Measures {
  /** Obligations that are open past their deadline right now. */
  readonly ObligationsOverdue?: number;
  /** Runs that are open for longer than any execution of their machine can last. */
  readonly RunsNotClosed?: number;
  /** Revocations that went on without the second person they need. */
  readonly BreakGlassUsed?: number;
}

/**
 * Writes one line that CloudWatch Logs turns into metrics (embedded metric format, developer guide of CloudWatch,
 * "Specification: Embedded metric format"). It holds numbers and nothing else. `now` in epoch ms.
 */
export function measure(now: number, measures: Measures): void {
  const Metrics = Object.keys(measures).map((Name) => ({ Name, Unit: 'Count' }));
  const CloudWatchMetrics = [{ Namespace: NAMESPACE, Dimensions: [[]], Metrics }];
  console.log(JSON.stringify({ _aws: { Timestamp: now, CloudWatchMetrics }, ...measures }));
}
