import { escapeIdentifier, escapeLiteral } from 'pg';
import type { Call } from '../../core/call';
import { Failure } from '../../core/failure';
import type { Session } from './client';

/** A role as its transaction sees it. */
export interface HeldRole {
  readonly name: string;
  readonly oid: string;
  /** VALID UNTIL has passed: no password lets anybody in. */
  readonly expired: boolean;
  readonly comment: string;
}

// First half of the advisory lock's key, so that it does not meet an application's own: "gapl" in ASCII.
const lockClass = 0x6761706c;
const marker = /\s*\[gapless fence (\d{1,15})\]$/;

/**
 * Fences count the claims of one identity, so no two workers are this far apart: a higher one was not written by us.
 * Without the bound a role that may write its own comment (CREATEROLE before PostgreSQL 16) could put the highest
 * number there and refuse every later change of itself.
 */
const believable = 1_000_000_000;

/**
 * The advisory lock keeps our workers in order, so that they do not lose races to each other; anybody can take it, so
 * a change that takes a credential away does not wait for it. What holds is the role's row: see `confirmFence`.
 */
export const takeTurn = {
  inOrder: 'SELECT pg_advisory_xact_lock(($1::bigint << 32) | $2::bigint)',
  atOnce: 'SELECT pg_try_advisory_xact_lock(($1::bigint << 32) | $2::bigint)',
} as const;

/**
 * Takes the role for this transaction, if nobody changed it under a higher fence.
 * The fence stands at the end of the role's comment: unlike a custom setting, that takes no right beyond those that
 * changing the role takes (ALTER ROLE ... SET of an unknown parameter is for superusers since PostgreSQL 15).
 *
 * @returns undefined when there is no such role
 * @throws Failure FenceLost, effect none, when the role was changed under a higher fence
 */
export async function holdRole(
  session: Session,
  name: string,
  call: Call,
  turn: (typeof takeTurn)[keyof typeof takeTurn],
): Promise<HeldRole | undefined> {
  const [found] = await session.query<{ oid: string }>(
    'SELECT oid::text AS oid FROM pg_roles WHERE rolname = $1',
    [name],
  );
  if (!found) return undefined;
  await session.query(turn, [lockClass, found.oid]);
  // Read after the lock is ours, in a statement of its own: it sees what the holder before us committed.
  const role = await read(session, name, found.oid);
  if (role) refuseOlder(role, call);
  return role;
}

/**
 * Looks at the fence again once the change stands: from there on nobody else can change the role's row before we
 * commit, so what is read now is the last word, with or without the advisory lock.
 * @throws Failure FenceLost, effect none: the transaction is not committed
 */
export async function confirmFence(session: Session, { name, oid }: HeldRole, call: Call): Promise<void> {
  const role = await read(session, name, oid);
  if (role) refuseOlder(role, call);
}

async function read(session: Session, name: string, oid: string): Promise<HeldRole | undefined> {
  const [role] = await session.query<HeldRole & Record<string, unknown>>(
    `SELECT rolname AS name, oid::text AS oid, coalesce(rolvaliduntil < clock_timestamp(), false) AS expired,
            coalesce(shobj_description(oid, 'pg_authid'), '') AS comment
       FROM pg_roles WHERE oid = $1::oid AND rolname = $2`,
    [oid, name],
  );
  return role;
}

function refuseOlder({ name, comment }: HeldRole, call: Call): void {
  const held = Number(marker.exec(comment)?.[1] ?? 0);
  if (held <= call.fence || held > call.fence + believable) return;
  const message = `role ${name} was last changed under fence ${held}, this call has ${call.fence}: a newer run owns it. Nothing was changed`;
  throw new Failure('FenceLost', message, 'none');
}

/** Writes the call's fence on the role, in the transaction that changes it; what else the comment says is kept. */
export async function writeFence(session: Session, role: HeldRole, call: Call): Promise<void> {
  const words = role.comment.replace(marker, '');
  const comment = `${words}${words === '' ? '' : ' '}[gapless fence ${call.fence}]`;
  if (comment === role.comment) return;
  await session.query(`COMMENT ON ROLE ${escapeIdentifier(role.name)} IS ${escapeLiteral(comment)}`);
}
