import { Failure } from '../failure';
import type { IdentityRow, Lease } from '../ports/registry';

/** The row as claiming a lease leaves it, and who else holds the lease when it could not be had. */
export interface Claimed {
  readonly row: IdentityRow;
  readonly heldBy?: Lease;
}

/** What a worker says when it starts to act at a target. Times are ISO 8601 UTC. */
export interface BusyClaim {
  readonly fence: number;
  readonly stage: string;
  readonly now: string;
  readonly until: string;
}

/** What a run finds when it wants the lease; undefined when it is free to take. */
export function foundBy(row: IdentityRow, lease: Pick<Lease, 'runId'>): Claimed | undefined {
  if (row.lease === undefined) return undefined;
  return row.lease.runId === lease.runId ? { row } : { row, heldBy: row.lease };
}

/** What taking an identity away for a revocation gives; `row` is what has to be written first. */
export type Preemption =
  | { readonly fence: number; readonly notBefore: string | undefined; readonly row?: IdentityRow }
  | { readonly heldBy: Lease };

/**
 * The row after a revocation took it. The worker that is acting under the old fence cannot be called back, so the time
 * it may take is kept, the latest of all of them: what is probed before that proves nothing.
 */
export function preempted(row: IdentityRow, lease: Lease): Preemption {
  if (row.lease?.runId === lease.runId) return { fence: row.fence, notBefore: row.actingUntil };
  if (row.lease?.kind === 'revocation') return { heldBy: row.lease };
  const actingUntil = [row.actingUntil, row.busyUntil]
    .filter((time) => time !== undefined)
    .toSorted()
    .at(-1);
  const fence = row.fence + 1;
  const next = { ...row, lease, fence, busyUntil: undefined, busyStage: undefined, actingUntil };
  return { fence, notBefore: actingUntil, row: next };
}

/**
 * The row after an execution took a run's lease over; the very same row when it had done so before.
 * @throws Failure FenceLost when the lease is not that run's (nothing was changed)
 */
export function takenOver(row: IdentityRow, runId: string, executionArn: string): IdentityRow {
  if (row.lease?.runId === runId) {
    if (row.lease.executionArn === executionArn) return row;
    return { ...row, lease: { ...row.lease, executionArn }, fence: row.fence + 1 };
  }
  const there = row.lease === undefined ? 'held by nobody' : `held by run ${row.lease.runId}`;
  const message = `The lease of ${row.id} was to be taken over from run ${runId}; it is ${there}. Nothing was changed. Look at the identity's runs: gapless runs --identity ${row.id}`;
  throw new Failure('FenceLost', message, 'none');
}

/** Who has an identity now, in words: the revocation that took it away, or the run that holds it. */
export function holderOf({ revoked, lease }: Pick<IdentityRow, 'revoked' | 'lease'>): string {
  if (revoked !== undefined) return `revocation ${revoked.runId} took it away at ${revoked.at}`;
  return lease === undefined ? 'no run holds it now' : `run ${lease.runId} holds it now`;
}

/** @throws Failure FenceLost when the row has another fence than the caller acts under (nothing was changed) */
export function refuseOtherFence(row: IdentityRow, fence: number): void {
  if (row.fence === fence) return;
  const message = `${row.id} was to be changed under fence ${fence}; its fence is ${row.fence} and ${holderOf(row)}. Nothing was changed. This run stops; look at what goes on: gapless runs --identity ${row.id}`;
  throw new Failure('FenceLost', message, 'none');
}

/**
 * Lets a worker start.
 * @throws Failure FenceLost under another fence, StepBusy while an earlier claim runs (nothing was changed)
 */
export function refuseBusy(row: IdentityRow, claim: BusyClaim): void {
  refuseOtherFence(row, claim.fence);
  if (row.busyUntil === undefined || row.busyUntil <= claim.now) return;
  const message = `Stage ${claim.stage} was to act on ${row.id} at ${claim.now}; stage ${row.busyStage ?? 'unknown'} may still be acting until ${row.busyUntil}. Nothing was changed. Repeat after that time.`;
  throw new Failure('StepBusy', message, 'none');
}

/**
 * Lets a run that has just claimed an identity look at it. A worker that it was taken away from may still move a label,
 * so whatever is read before that worker is through may be otherwise a moment later. `now` is ISO 8601 UTC.
 * @throws Failure StepBusy while such a worker may still be acting (the lease stays the run's own)
 */
export function refuseActing({ id, actingUntil }: IdentityRow, runId: string, now: string): void {
  if (actingUntil === undefined || actingUntil <= now) return;
  const message = `Run ${runId} was to begin on ${id} at ${now}; a worker that a revocation took it away from may still be acting until ${actingUntil}. Nothing was changed. Repeat after that time.`;
  throw new Failure('StepBusy', message, 'none');
}

/** The identity is not in the registry. */
export function unknownIdentity(id: string): Failure {
  const message = `${id} is not enrolled; the registry knows only identities that a deployed policy names. Nothing was changed. Add a policy for it, deploy, and let Sweep enrol it.`;
  return new Failure('UnknownIdentity', message, 'none');
}
