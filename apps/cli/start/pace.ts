import { ListExecutionsCommand, type SFNClient } from '@aws-sdk/client-sfn';
import type { Engine } from '../../local/engine';
import type { Registry } from '../../../core/ports/registry';

/** Time may pass this fast while nothing is due, and this slowly while something runs. */
const IDLE_STEP_MS = 60_000;
const BUSY_STEP_MS = 1_000;

/** An execution that a schedule started. */
export interface StartedExecution {
  readonly executionArn: string;
  readonly name: string;
}

/** Executions of a machine, oldest first. */
export async function executionsOf(client: SFNClient, stateMachineArn: string): Promise<readonly StartedExecution[]> {
  const { executions = [] } = await client.send(new ListExecutionsCommand({ stateMachineArn, maxResults: 100 }));
  return executions
    .map(({ executionArn = '', name = '' }) => ({ executionArn, name }))
    .toReversed();
}

export interface Pace {
  readonly engine: Engine;
  readonly registry: Pick<Registry, 'identities' | 'openObligations'>;
  /** Whether an execution is being watched right now. */
  readonly busy: () => boolean;
}

/**
 * Moves the engine's time forward until `done`: a minute at a time while nothing is due, so that schedules fire as they
 * would; in small steps once something runs, so that its own timeouts are not overtaken.
 */
export async function passTime({ engine, registry, busy }: Pace, done: () => boolean): Promise<void> {
  while (!done()) {
    const now = engine.clock.now();
    const due = busy() ? 0 : await nextDue(registry);
    // Up to the due time in minutes; from there on a schedule takes it up within the next one.
    const step = busy() || due <= now ? BUSY_STEP_MS : Math.min(IDLE_STEP_MS, due - now);
    await engine.advance(step);
  }
}

/** When the next identity or obligation is due, epoch ms; before the first sweep nothing is known. */
async function nextDue({ identities, openObligations }: Pace['registry']): Promise<number> {
  const rows = await identities();
  const owed = await openObligations(10);
  const times = [...rows.map(({ dueAt }) => dueAt), ...owed.map(({ nextAttemptAt }) => nextAttemptAt)];
  const known = times.filter((time) => time !== undefined).map((time) => Date.parse(time));
  return known.length === 0 ? Infinity : Math.min(...known);
}
