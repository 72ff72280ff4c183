import { createHash } from 'node:crypto';
import type { RecordOf } from '../../../core/evidence/record';
import { Failure } from '../../../core/failure';
import { closedNotices } from '../../../core/notice/of-run';
import { seconds } from '../../../core/policy/duration';
import type { Policy } from '../../../core/policy/schema';
import type { IdentityRow, RunSummary } from '../../../core/ports/registry';
import { iso, type Deps } from '../deps';
import { newest, type Story } from '../heads';
import { notify } from '../notify';
import { together } from '../together';

type Ports = Pick<Deps, 'registry' | 'policies' | 'notices' | 'now'>;
type Opened = RecordOf<'RunOpened'>;
type Closed = RecordOf<'RunClosed'>;

/** What whoever closes a run knows beside its records. */
interface Known {
  readonly row?: IdentityRow | undefined;
  readonly waiting?: number;
}

/** A failed rotation is tried again after 5, 10, 20 ... minutes, at most a day later, for as long as it takes. */
const RETRY_MS = 5 * 60_000;
const RETRY_MAX_MS = 24 * 60 * 60_000;

/** Failures that say nothing about the slot: another run serves it, or has. */
const LEAVES_SLOT_ALONE: readonly (string | null)[] = ['LeaseHeld', 'SlotServed'];

/**
 * The bookkeeping after a terminal record, all of it derived from that record, so that whoever finds a closed run with
 * its marker still there can finish it: summary, next due time, lease, and the marker last.
 * @param known the identity's row, when it was read while the run had the lease; and how many records of the run wait in
 *   the spill, for the marker stays until they have arrived
 */
export async function finish(
  deps: Ports,
  story: Pick<Story, 'run'>,
  { row, waiting = 0 }: Known = {},
): Promise<void> {
  const opened = newest(story.run, 'RunOpened');
  const closed = newest(story.run, 'RunClosed');
  if (!opened || !closed) return;
  const { id, owner } = opened.identity;
  const summary = {
    runId: opened.runId,
    kind: opened.kind,
    identityId: id,
    owner,
    about: opened.about ?? undefined,
    openedAt: opened.at,
    closedAt: closed.at,
    outcome: closed.outcome,
    level: closed.level,
    cause: closed.cause ?? undefined,
    ...lateness(closed, waiting),
  };
  await together([
    givenBack(deps, opened, closed, row),
    deps.registry.putSummary(summary),
    // Beside the bookkeeping, so that nobody waits for it alone.
    notify(deps, closedNotices(story.run, waiting)),
  ]);
  if (waiting === 0) await deps.registry.forgetRun(opened.runId);
}

/** The identity is free for whoever comes next, with the time of its next rotation set before that. */
async function givenBack(
  deps: Ports,
  opened: Opened,
  closed: Closed,
  known: IdentityRow | undefined,
): Promise<void> {
  const { id } = opened.identity;
  const row = known ?? (await deps.registry.identity(id));
  if (row && opened.kind === 'rotation') {
    if (closed.outcome === 'verified' && opened.trigger === 'reissue') await reinstated(deps, row, opened);
    await reschedule(deps, row, opened, closed);
  }
  await deps.registry.releaseLease(id, opened.runId);
}

/** What the summary says of evidence that was not there when it was made. */
function lateness({ degraded, cause }: Closed, waiting: number): Partial<RunSummary> {
  if (!degraded && waiting === 0) return {};
  const what =
    waiting > 0
      ? `${waiting} records of this run wait in the spill`
      : `${degraded?.spilled ?? 0} records of this run arrived later than they were made`;
  const said = cause === null ? '' : ` ${cause}`;
  return { evidence: waiting > 0 ? 'waiting' : 'arrived', cause: `EVIDENCE_DEGRADED: ${what}.${said}` };
}

/** The identity works again: what the revocation still wanted removed carries its new credential. */
async function reinstated(deps: Ports, row: IdentityRow, { runId }: Opened): Promise<void> {
  if (row.lease?.runId !== runId) return;
  for (const owed of await deps.registry.obligationsOf(row.id))
    if (owed.by === 'revocation' && owed.type === 'removal') await deps.registry.payObligation(owed);
  await deps.registry.setRevoked(row.id, row.fence, undefined);
}

/** An identity whose policy was taken away has no next slot; its lease must be given back all the same. */
async function policyOf(deps: Ports, identityId: string): Promise<Policy | undefined> {
  try {
    return (await deps.policies.of(identityId)).policy;
  } catch (error) {
    if (error instanceof Failure && error.name === 'UnknownIdentity') return undefined;
    throw error;
  }
}

async function reschedule(deps: Ports, row: IdentityRow, opened: Opened, closed: Closed): Promise<void> {
  const policy = await policyOf(deps, row.id);
  if (!policy?.rotation || row.slot === undefined) return;
  if (closed.outcome === 'verified') {
    // Done already, or a run started by hand before the slot has come.
    const early = row.dueAt !== undefined && row.slot > closed.at;
    if (opened.slot === null ? early : opened.slot !== row.slot) return;
    const slot = iso(
      nextSlot(Date.parse(row.slot), seconds(policy.rotation.every) * 1_000, Date.parse(closed.at)),
    );
    await deps.registry.schedule(row.id, row.slot, { slot, dueAt: slot, attempt: 0 });
    return;
  }
  if (opened.slot === null || opened.slot !== row.slot || LEAVES_SLOT_ALONE.includes(closed.causeCode))
    return;
  const attempt = opened.attempt + 1;
  const wait = Math.min(RETRY_MS * 2 ** Math.min(opened.attempt, 16), RETRY_MAX_MS);
  await deps.registry.schedule(row.id, row.slot, {
    slot: row.slot,
    dueAt: iso(Date.parse(closed.at) + wait),
    attempt,
  });
}

/** The first slot after `after` on the grid of the policy's period; slots that were missed are not made up. */
export function nextSlot(slot: number, every: number, after: number): number {
  const missed = Math.max(0, Math.floor((after - slot) / every));
  return slot + (missed + 1) * every;
}

/** Spreads first slots evenly by identity, so that a fleet enrolled at once is not due at once. */
export function spreadSlot(identityId: string, every: number, from: number): number {
  const share = createHash('sha256').update(identityId).digest().readUInt32BE(0) / 2 ** 32;
  return from + Math.floor(share * every);
}
