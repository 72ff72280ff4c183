import { setTimeout as pause } from 'node:timers/promises';
import { ListExecutionsCommand, type SFNClient } from '@aws-sdk/client-sfn';
import type { Registry } from '../../../core/ports/registry';
import type { Engine } from '../../local/engine';

/** How far time is moved at once: while nothing is due, from the due time on, and while a retry is waited for. */
const IDLE_STEP_MS = 60_000;
const DUE_STEP_MS = 5_000;
const RETRY_STEP_MS = 1_000;
/** Real time between two looks at a run that is busy. */
const LOOK_EVERY_MS = 50;

/** An execution that a schedule started. */
export interface StartedExecution {
  readonly executionArn: string;
  readonly name: string;
}

/** Executions of a machine, oldest first. */
export async function executionsOf(
  client: SFNClient,
  stateMachineArn: string,
): Promise<readonly StartedExecution[]> {
  const { executions = [] } = await client.send(
    new ListExecutionsCommand({ stateMachineArn, maxResults: 100 }),
  );
  return executions.map(({ executionArn = '', name = '' }) => ({ executionArn, name })).toReversed();
}

export interface Pace {
  readonly engine: Pick<Engine, 'clock' | 'advance'>;
  readonly registry: Pick<Registry, 'identities' | 'openObligations'>;
  /** `working`: an execution runs. `waiting`: it waits for a retry. */
  readonly activity: () => 'none' | 'working' | 'waiting';
  /** Takes note of everything that was started. */
  readonly look: () => Promise<void>;
}

/**
 * Moves the engine's time forward until `done`. Schedules and waits fire on the way, as they would. While a run works,
 * time is left alone: what is measured then is real.
 */
export async function passTime(pace: Pace, done: () => Promise<boolean>): Promise<void> {
  while (!(await done())) {
    const activity = pace.activity();
    switch (activity) {
      case 'working':
        await pause(LOOK_EVERY_MS);
        break;
      case 'waiting':
        await pace.engine.advance(RETRY_STEP_MS);
        break;
      case 'none':
        await pace.engine.advance(await idleStep(pace));
        // What was started on the way is watched before more time passes.
        await pace.look();
        break;
      default:
        return activity satisfies never;
    }
  }
}

/** Up to what is due next, at most a minute; from there on in small steps, until a schedule takes it up. */
async function idleStep({ engine, registry }: Pace): Promise<number> {
  const left = (await nextDue(registry)) - engine.clock.now();
  return left <= 0 ? DUE_STEP_MS : Math.min(left, IDLE_STEP_MS);
}

/** When the next identity or obligation is due, epoch ms; before the first sweep nothing is known. */
async function nextDue(registry: Pace['registry']): Promise<number> {
  const rows = await registry.identities();
  const owed = await registry.openObligations(10);
  const times = [...rows.map(({ dueAt }) => dueAt), ...owed.map(({ nextAttemptAt }) => nextAttemptAt)];
  return Math.min(...times.filter((time) => time !== undefined).map((time) => Date.parse(time)));
}
