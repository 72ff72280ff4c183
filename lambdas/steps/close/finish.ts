import { createHash } from 'node:crypto';
import type { RecordOf } from '../../../core/evidence/record';
import { Failure } from '../../../core/failure';
import { seconds } from '../../../core/policy/duration';
import type { Policy } from '../../../core/policy/schema';
import type { IdentityRow, RunRegistry } from '../../../core/ports/registry';
import { iso, type Deps, type Using } from '../deps';
import { newest, type Story } from '../heads';
import { together } from '../together';
import { announce, endedBy, type Ended } from './conclude';

type Ports = Pick<Deps, 'policies' | 'notices' | 'now'> & Using<RunRegistry>;
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
  const ended = endedBy(story.run);
  if (!ended) return;
  await together([givenBack(deps, ended, row), announce(deps, ended, waiting)]);
  if (waiting === 0) await deps.registry.forgetRun(ended.opened.runId);
}

/** The identity is free for whoever comes next, with the time of its next rotation set before that. */
async function givenBack(
  deps: Ports,
  { run, opened, closed }: Ended,
  known: IdentityRow | undefined,
): Promise<void> {
  const { id } = opened.identity;
  const row = known ?? (await deps.registry.identity(id));
  if (row && opened.kind === 'rotation') {
    if (closed.outcome === 'verified' && opened.trigger === 'reissue')
      await reinstated(deps, row, { run, opened });
    await reschedule(deps, row, opened, closed);
  }
  await deps.registry.releaseLease(id, opened.runId);
}

/**
 * The identity works again. What the revocation still wanted removed is paid where this run has proven what became of it:
 * the principal that carries the new credential, and the one that was removed. Anything else stays owed.
 */
async function reinstated(
  deps: Ports,
  row: IdentityRow,
  { run, opened }: Omit<Ended, 'closed'>,
): Promise<void> {
  if (row.lease?.runId !== opened.runId) return;
  const carries = newest(run, 'ChangeMade', 'Mint')?.remoteId;
  const removed = newest(run, 'ChangeMade', 'Remove');
  const proven = [carries, removed?.effect === 'deferred' ? undefined : removed?.remoteId];
  for (const owed of await deps.registry.obligationsOf(row.id))
    if (owed.by === 'revocation' && owed.type === 'removal' && proven.includes(owed.remoteId))
      await deps.registry.payObligation(owed);
  await deps.registry.setRevoked(row.id, row.fence, undefined);
}

/** The policy of an identity, unless it was taken away: a run of it closes all the same. */
export async function policyOf(
  deps: Pick<Deps, 'policies'>,
  identityId: string,
): Promise<Policy | undefined> {
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
    if (opened.slot !== null && opened.slot !== row.slot) return;
    // Moved already, or a run started by hand before the slot has come. What a revocation took off the list is due again.
    const stays = opened.slot === null && row.slot > closed.at;
    if (stays && row.dueAt !== undefined) return;
    const every = seconds(policy.rotation.every) * 1_000;
    const slot = stays ? row.slot : iso(nextSlot(Date.parse(row.slot), every, Date.parse(closed.at)));
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
