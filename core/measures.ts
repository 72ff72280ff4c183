/** Namespace of the metrics in CloudWatch. */
export const MEASURES = 'Gapless';

/** What is measured, by the name of its metric: functions write them, alarms watch them. */
export interface Measures {
  /** Obligations that are open past their deadline right now. */
  readonly ObligationsOverdue?: number;
  /** Runs that are open for longer than any execution of their machine can last. */
  readonly RunsNotClosed?: number;
  /** Records of emergencies that are not in the evidence table yet. */
  readonly EvidenceWaiting?: number;
  /** Revocations that went on without the second person they need. */
  readonly BreakGlassUsed?: number;
}
