import { createHash } from 'node:crypto';
import { iso, type Deps } from '../deps';
import type { SettleInput } from '../begin/run';

/** At most this many pieces of work are started a minute; the rest is there in the next. */
const LIMIT = 100;

/** The same work is started at most once in this time, in milliseconds. */
const TURN_MS = 10 * 60_000;

type Ports = Pick<Deps, 'registry' | 'executions' | 'now'>;

export interface Settled {
  readonly adopted: number;
  readonly paying: number;
}

/**
 * Looks for what nobody is working on: runs whose execution ended before the run was closed, and obligations that are
 * due. Each gets an execution of its own with a name made from what it is about, so that two looks start it once.
 * With nothing due it reads a few index pages and starts nothing.
 */
export async function settle(deps: Ports): Promise<Settled> {
  // An execution that could not even begin leaves everything as it was; its name must not block the next one.
  const turn = Math.floor(deps.now() / TURN_MS);
  let adopted = 0;
  for (const marker of (await deps.registry.openRuns()).slice(0, LIMIT)) {
    if ((await deps.executions.status(marker.executionArn)) === 'running') continue;
    const name = nameOf('adopt', marker.runId, marker.adoptions, turn);
    adopted += await started(deps, name, { kind: 'adopt', runId: marker.runId });
  }
  let paying = 0;
  for (const { identityId, versionId, type, attempts } of await deps.registry.dueObligations(
    iso(deps.now()),
    LIMIT,
  )) {
    const row = await deps.registry.identity(identityId);
    // The run that holds the identity pays or postpones what is owed; it must not be raced.
    if (row?.lease) continue;
    const name = nameOf('pay', identityId, versionId, type, attempts, turn);
    paying += await started(deps, name, { kind: 'pay', identityId, versionId, type, attempt: attempts });
  }
  return { adopted, paying };
}

async function started(deps: Ports, name: string, input: SettleInput): Promise<number> {
  return (await deps.executions.start('Settle', name, input)) === 'started' ? 1 : 0;
}

/** An execution name that is the same for the same work: 40 hex digits, so it also fits as a run id. */
export function nameOf(...parts: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 40);
}
