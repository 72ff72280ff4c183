/**
 * How long a worker may go on after its execution was stopped, in ms: a changing step runs for 30 s at most (the timeout
 * of its function), and clocks and a call that was on its way are given 10 s.
 */
const OUTLIVES_MS = 40_000;

/** An execution as DescribeExecution tells of it (AWS Step Functions API reference); `stoppedAt` in epoch ms. */
export interface Described {
  readonly status: string | undefined;
  readonly stoppedAt: number | undefined;
}

/**
 * Whether an execution is over, and every worker of it. One that was stopped, by hand or by its time limit, leaves a
 * worker that goes on to the end of its step, and may claim an identity as its last act: a run that is closed before
 * that would hold it for ever. `now` in epoch ms.
 */
export function endingOf({ status, stoppedAt }: Described, now: number): 'running' | 'ended' {
  // A redrive that waits for its start acts again soon.
  if (status === 'RUNNING' || status === 'PENDING_REDRIVE') return 'running';
  const stopped = status === 'ABORTED' || status === 'TIMED_OUT';
  return stopped && stoppedAt !== undefined && now < stoppedAt + OUTLIVES_MS ? 'running' : 'ended';
}
