/** The only fields a function may log: what is not on this list cannot leak. */
export interface LogLine {
  readonly level: 'info' | 'error';
  readonly stage: string;
  readonly runId: string;
  readonly outcome: string;
  readonly message?: string;
}

/** Writes one JSON line, which CloudWatch Logs Insights reads by field. */
export function log({ level, stage, runId, outcome, message }: LogLine): void {
  console.log(JSON.stringify({ level, stage, runId, outcome, ...(message !== undefined && { message }) }));
}
