import { Failure } from '../../../core/failure';
import type { Debts, OpenRun, OpenRuns, RunRegistry } from '../../../core/ports/registry';
import type { SettleInput } from '../begin/input';
import { measure } from '../../runtime/measure';
import { machineLimitSeconds } from '../machine-limits';
import { iso, type Deps, type Using } from '../deps';
import { overdueOf, recordBreach } from './breach';
import { deliver } from './deliver';
import { each, type Tried } from './each';
import { nameOf } from './name';
import { payments, type Payment } from './payments';

/** At most this many executions are started a minute; the rest is there in the next. */
const STARTS = 100;

/** At most this many obligations are looked at a minute. */
const LOOKS = 10_000;

/** The same work is started at most once in this time, in milliseconds. */
const TURN_MS = 10 * 60_000;

type Ports = Pick<
  Deps,
  'evidence' | 'spill' | 'policies' | 'executions' | 'notices' | 'now' | 'ledgerId' | 'code'
> &
  Using<RunRegistry & Debts & OpenRuns>;

export interface Settled {
  readonly adopted: number;
  readonly paying: number;
  readonly breaches: number;
  /** Obligations that are open past their deadline. */
  readonly overdue: number;
  /** Runs that are open for longer than any execution of their machine can last. */
  readonly unclosed: number;
  /** Records that emergencies kept while the evidence table took none: those that arrived now, and those still waiting. */
  readonly delivered: number;
  readonly waiting: number;
}

/**
 * Looks for what nobody is working on: deadlines that were broken, which are recorded first and here, with their exact
 * time; runs whose execution ended before the run was closed; and obligations that are due. Each of the others gets an execution
 * of its own with a name made from what it is about, so that two looks start it once. One piece of work that cannot be
 * started keeps nobody from the others. With nothing due it reads a few index pages and starts nothing.
 * @throws Failure StoreUnavailable after everything else was done, naming the first piece that failed
 */
export async function settle(deps: Ports): Promise<Settled> {
  // An execution that could not even begin leaves everything as it was; its name must not block the next one.
  const turn = Math.floor(deps.now() / TURN_MS);
  const now = iso(deps.now());
  const broken = overdueOf(await deps.registry.openObligations(LOOKS), now);
  const overdue = broken.length;
  const breaches = await each(broken, LOOKS, async (owed) =>
    (await recordBreach(deps, owed)) === 'recorded' ? 'done' : 'nothing',
  );
  const evidence = await deliver(deps);
  const { delivered, waiting } = evidence;
  const markers = await deps.registry.openRuns();
  const unclosed = markers.filter((marker) => isUnclosed(marker, deps.now())).length;
  measure(deps.now(), { ObligationsOverdue: overdue, RunsNotClosed: unclosed, EvidenceWaiting: waiting });
  const adopted = await each(markers, STARTS, (marker) => adopt(deps, marker, turn));
  const due = await deps.registry.dueObligations(now, LOOKS);
  const paying = await each(await payments(deps, due), STARTS, (payment) => pay(deps, payment, turn));
  const late = evidence.failed ? [evidence.failed] : [];
  const failed = [...late, ...breaches.failed, ...adopted.failed, ...paying.failed];
  const [first] = failed;
  if (!first) {
    const done = { adopted: adopted.done, paying: paying.done, breaches: breaches.done };
    return { ...done, overdue, unclosed, delivered, waiting };
  }
  const message = `${failed.length} of the pieces of work that nobody does could not be started; the others were. The first: ${first.name}: ${first.message} They are tried again in a minute.`;
  throw new Failure('StoreUnavailable', message.slice(0, 1_000), 'unknown');
}

/** Its execution has ended by now, whatever it did, and what Settle started after that has too. */
function isUnclosed({ kind, openedAt }: OpenRun, now: number): boolean {
  const limit = machineLimitSeconds[kind] ?? machineLimitSeconds.settle;
  return now - Date.parse(openedAt) > (limit + machineLimitSeconds.settle) * 1_000;
}

async function adopt(deps: Ports, marker: OpenRun, turn: number): Promise<Tried> {
  if (marker.executionArn === 'none') {
    // Nobody's execution, written within seconds; one that stayed open is closed like any other.
    if (deps.now() - Date.parse(marker.openedAt) < TURN_MS) return 'nothing';
  } else if ((await deps.executions.status(marker.executionArn)) === 'running') return 'nothing';
  // It is closed, and its records wait for the table: nothing is left to do but to deliver them.
  if (
    (await deps.registry.summary(marker.runId))?.evidence === 'waiting' &&
    (await waits(deps, marker.runId))
  )
    return 'nothing';
  const name = nameOf('adopt', marker.runId, marker.adoptions, turn);
  // A bulk run goes through its own list once more: what was started is found by its name.
  if (marker.kind === 'bulk')
    return begun(await deps.executions.start('BulkRevocation', name, { resume: marker.runId }));
  return started(deps, name, { kind: 'adopt', runId: marker.runId });
}

async function waits(deps: Ports, runId: string): Promise<boolean> {
  return (await deps.spill.of(runId)).some(({ state }) => state === 'waiting');
}

async function pay(deps: Ports, { owed, demandedBy }: Payment, turn: number): Promise<Tried> {
  const { identityId, versionId, type, attempts } = owed;
  if (demandedBy !== undefined) {
    const name = nameOf('contain', identityId, demandedBy, attempts, turn);
    return started(deps, name, { kind: 'contain', identityId, about: demandedBy, attempt: attempts });
  }
  const name = nameOf('pay', identityId, versionId, type, attempts, turn);
  return started(deps, name, { kind: 'pay', identityId, versionId, type, attempt: attempts });
}

async function started(deps: Ports, name: string, input: SettleInput): Promise<Tried> {
  return begun(await deps.executions.start('Settle', name, input));
}

function begun(answer: 'started' | 'exists'): Tried {
  return answer === 'started' ? 'done' : 'nothing';
}
