import * as z from 'zod/mini';
import { memoryApp } from '../../test/support/memory-app';
import { unreachedPolicy } from '../../test/support/unreached-policy';

/** Identities that are looked at. */
const MANY = 1_000;

const history = z.object({ events: z.array(z.object({ type: z.string() })) });

/** One look at every identity that finds nothing to do. */
export interface Idle {
  readonly identities: number;
  /** State transitions of the look, of whatever it started too. */
  readonly transitions: number;
}

/** Counts what Sweep and Settle, which look for what is due and what is owed, enter when there is neither. */
export async function idleLook(): Promise<Idle> {
  const ids = Array.from({ length: MANY }, (_, index) => `idle-${String(index).padStart(4, '0')}`);
  const app = await memoryApp(ids.map((id) => unreachedPolicy(id)));
  try {
    // The first one enrols them.
    await app.run('Sweep', 'first', {});
    const from = app.executions().length;
    await app.run('Sweep', 'idle', {});
    await app.settle();
    const started = app.executions().slice(from);
    const counts = await Promise.all(
      started.map(async (executionArn) => {
        const answer = await app.states.handle('GetExecutionHistory', { executionArn, maxResults: 1_000 });
        return history.parse(answer).events.filter(({ type }) => type.endsWith('StateEntered')).length;
      }),
    );
    return { identities: MANY, transitions: counts.reduce((sum, count) => sum + count, 0) };
  } finally {
    await app.stop();
  }
}
