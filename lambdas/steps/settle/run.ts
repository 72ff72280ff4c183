import type { SettleInput } from '../begin/run';
import { iso, type Deps } from '../deps';
import { isOverdue, recordBreach } from './breach';
import { nameOf } from './name';

/** At most this many pieces of work are started a minute; the rest is there in the next. */
const LIMIT = 100;

/** The same work is started at most once in this time, in milliseconds. */
const TURN_MS = 10 * 60_000;

type Ports = Pick<Deps, 'registry' | 'evidence' | 'policies' | 'executions' | 'now' | 'ledgerId' | 'code'>;

export interface Settled {
  readonly adopted: number;
  readonly paying: number;
  readonly breaches: number;
}

/**
 * Looks for what nobody is working on: runs whose execution ended before the run was closed, obligations that are due,
 * and deadlines that were broken, which are recorded here with their exact time. Each of the others gets an execution of its own with a name made from what it is about, so that two looks start it once.
 * With nothing due it reads a few index pages and starts nothing.
 */
export async function settle(deps: Ports): Promise<Settled> {
  // An execution that could not even begin leaves everything as it was; its name must not block the next one.
  const turn = Math.floor(deps.now() / TURN_MS);
  let adopted = 0;
  for (const marker of (await deps.registry.openRuns()).slice(0, LIMIT)) {
    // A breach is recorded by this function itself, which finds it again below.
    if (marker.kind === 'breach') continue;
    if ((await deps.executions.status(marker.executionArn)) === 'running') continue;
    const name = nameOf('adopt', marker.runId, marker.adoptions, turn);
    adopted += await started(deps, name, { kind: 'adopt', runId: marker.runId });
  }
  let breaches = 0;
  for (const owed of await deps.registry.openObligations(LIMIT)) {
    if (isOverdue(owed, iso(deps.now()))) breaches += (await recordBreach(deps, owed)) === 'recorded' ? 1 : 0;
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
  return { adopted, paying, breaches };
}

async function started(deps: Ports, name: string, input: SettleInput): Promise<number> {
  return (await deps.executions.start('Settle', name, input)) === 'started' ? 1 : 0;
}
