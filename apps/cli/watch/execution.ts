import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { setTimeout as pause } from 'node:timers/promises';
import { stagesOf, transitionsOf, type Stage } from './stages';

/** How an execution ended. */
export interface EndedExecution {
  readonly executionArn: string;
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  readonly stages: readonly Stage[];
  readonly transitions: number;
  /** Epoch ms by the clock of where it ran. */
  readonly startedAt: number;
  readonly endedAt: number;
}

/** Told of each stage as it is entered and as it ends. */
export interface StageListener {
  entered(stage: Stage): void;
  /** Is still working on it, at each look. */
  running(stage: Stage): void;
  /** An attempt failed and is tried again. */
  retried(stage: Stage): void;
  ended(stage: Stage): Promise<void> | void;
}

/** Looks at a running execution every `everyMs` until it has ended. Reads only. */
export async function followExecution(
  client: SFNClient,
  executionArn: string,
  listener: StageListener,
  everyMs: number,
): Promise<EndedExecution> {
  const told = new Teller(listener);
  for (;;) {
    // Asked before the history, so that the history of an ended execution is whole.
    const { status, startDate, stopDate } = await client.send(new DescribeExecutionCommand({ executionArn }));
    const events = await historyOf(client, executionArn);
    const stages = stagesOf(events);
    await told.of(stages);
    if (status !== undefined && status !== 'RUNNING' && status !== 'PENDING_REDRIVE') {
      return {
        executionArn,
        status,
        stages,
        transitions: transitionsOf(events),
        startedAt: startDate?.getTime() ?? 0,
        endedAt: stopDate?.getTime() ?? 0,
      };
    }
    await pause(everyMs);
  }
}

async function historyOf(client: SFNClient, executionArn: string): Promise<readonly HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client.send(
      new GetExecutionHistoryCommand({
        executionArn,
        maxResults: 1_000,
        includeExecutionData: false,
        ...(nextToken !== undefined && { nextToken }),
      }),
    );
    events.push(...(page.events ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return events;
}

/** Tells a listener what changed since it was last told. */
class Teller {
  #entered = 0;
  #ended = 0;
  #failures = 0;

  constructor(private readonly listener: StageListener) {}

  async of(stages: readonly Stage[]): Promise<void> {
    for (const [index, stage] of stages.entries()) {
      if (index >= this.#entered) {
        this.#entered = index + 1;
        this.#failures = 0;
        this.listener.entered(stage);
      }
      if (index < this.#ended) continue;
      if (stage.state === 'running') {
        this.listener.running(stage);
        if (stage.failures.length > this.#failures) this.listener.retried(stage);
        this.#failures = stage.failures.length;
        continue;
      }
      this.#ended = index + 1;
      await this.listener.ended(stage);
    }
  }
}
