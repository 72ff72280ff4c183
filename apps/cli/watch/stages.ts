import type { HistoryEvent } from '@aws-sdk/client-sfn';

/** Why an attempt of a state failed: error name and sentence. */
export interface StageFailure {
  readonly error: string;
  readonly cause: string;
}

/** One state of an execution, as its history tells it. */
export interface Stage {
  readonly name: string;
  readonly state: 'running' | 'done' | 'failed';
  /** Engine time in milliseconds from entering to leaving it, or to its last event; retries and waits are in it. */
  readonly ms: number;
  /** Every attempt that failed, in order. */
  readonly failures: readonly StageFailure[];
}

interface Open {
  readonly name: string;
  readonly from: number;
  to: number;
  state: Stage['state'];
  failures: StageFailure[];
}

/** The states of an execution in the order they were entered; one that is retried is one stage. */
export function stagesOf(events: readonly HistoryEvent[]): readonly Stage[] {
  const stages: Open[] = [];
  for (const event of events) {
    const at = event.timestamp?.getTime() ?? 0;
    const entered = event.stateEnteredEventDetails?.name;
    if (entered !== undefined)
      stages.push({ name: entered, from: at, to: at, state: 'running', failures: [] });
    const stage = stages.at(-1);
    if (stage === undefined || stage.state !== 'running') continue;
    stage.to = at;
    const failure = failureOf(event);
    if (failure) stage.failures.push(failure);
    // What comes right before the exit tells a caught failure from one that a retry got over.
    if (event.stateExitedEventDetails) stage.state = failedJustBefore(events, event) ? 'failed' : 'done';
    if (
      event.type === 'ExecutionFailed' ||
      event.type === 'ExecutionAborted' ||
      event.type === 'ExecutionTimedOut'
    )
      stage.state = 'failed';
    if (event.type === 'ExecutionSucceeded') stage.state = 'done';
  }
  return stages.map(({ name, state, from, to, failures }) => ({
    name,
    state,
    ms: Math.max(0, to - from),
    failures,
  }));
}

/** States entered, Choice and Wait included: what Step Functions bills. */
export function transitionsOf(events: readonly HistoryEvent[]): number {
  return events.filter((event) => event.stateEnteredEventDetails !== undefined).length;
}

function failedJustBefore(events: readonly HistoryEvent[], exit: HistoryEvent): boolean {
  const before = events.find(({ id }) => id === exit.previousEventId);
  return before !== undefined && failureOf(before) !== undefined;
}

function failureOf(event: HistoryEvent): StageFailure | undefined {
  const details =
    event.taskFailedEventDetails ??
    event.taskTimedOutEventDetails ??
    event.lambdaFunctionFailedEventDetails ??
    event.lambdaFunctionTimedOutEventDetails ??
    event.executionFailedEventDetails;
  return details && { error: details.error ?? 'Unknown', cause: sentenceIn(details.cause ?? '') };
}

/** Lambda gives its cause as JSON with the message in it. */
function sentenceIn(cause: string): string {
  try {
    const parsed: unknown = JSON.parse(cause);
    if (parsed !== null && typeof parsed === 'object' && 'errorMessage' in parsed)
      return String(parsed.errorMessage);
  } catch {
    // Not JSON: the sentence itself.
  }
  return cause;
}
