import type { Enrolments, Identities, IdentityRow } from '../../../core/ports/registry';
import type { Policy } from '../../../core/policy/schema';
import { iso, type Deps, type Execution, type Using } from '../deps';
import { nameOf } from '../settle/name';

/** At most this many rotations are started by one sweep: about a minute of Secrets Manager's write quota. */
const LIMIT = 1_500;

/** A rotation that was started and left nothing behind is started again this much later, in milliseconds. */
const UNSTARTED_MS = 15 * 60_000;

type Ports = Pick<Deps, 'policies' | 'lists' | 'now'> & Using<Enrolments & Identities>;

export interface DueList {
  readonly count: number;
  readonly bucket: string;
  readonly key: string;
}

/**
 * Writes who is due to a list. The execution name is made from identity, slot and attempt, so however often a slot is
 * delivered, it is started once.
 */
export async function dueList(deps: Ports, execution: Execution): Promise<DueList> {
  const now = deps.now();
  const rows = await deps.registry.due(iso(now), LIMIT);
  const { policies } = rows.length === 0 ? { policies: [] } : await deps.policies.document();
  const byId = new Map(policies.map(({ policy }) => [policy.id, policy]));
  // A revoked identity is due no more; the run that reissues it sets its next slot.
  for (const { id, slot, attempt } of rows.filter((row) => row.revoked))
    await deps.registry.schedule(id, slot, { slot, dueAt: undefined, attempt });
  const due = rows.filter((row) => !row.lease && !row.revoked && inWindow(byId.get(row.id), now));
  if (due.length === 0) return { count: 0, bucket: '', key: '' };
  const items = due.map((row) => item(row, due.length));
  const { bucket, key } = await deps.lists.write(`lists/due/${execution.name}.json`, items);
  // A start that leaves no trace at all would otherwise be found under the same name for 90 days and never run again.
  for (const { id, slot, attempt } of due) {
    await deps.registry.schedule(id, slot, { slot, dueAt: iso(now + UNSTARTED_MS), attempt: attempt + 1 });
  }
  return { count: items.length, bucket, key };
}

function item(row: IdentityRow, batch: number): object {
  const { id: identityId, slot, attempt } = row;
  const input = { identityId, slot, attempt, batch };
  return { name: nameOf('rotation', identityId, slot ?? '', attempt), input };
}

/** Whether rotations of this policy may start now. Windows are UTC and may span midnight. */
export function inWindow(policy: Policy | undefined, now: number): boolean {
  if (!policy) return false;
  const window = policy.rotation?.window;
  if (!window) return true;
  const time = iso(now).slice(11, 16);
  return window.from <= window.to
    ? time >= window.from && time < window.to
    : time >= window.from || time < window.to;
}
