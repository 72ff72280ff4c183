import { escapeIdentifier, escapeLiteral } from 'pg';
import type { Call } from '../../core/call';
import { Failure } from '../../core/failure';
import type { Session } from './client';

/** A role as its locked transaction sees it. */
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
 * Takes the role for this transaction: nobody of ours changes it until the end, and nobody under an older fence may.
 * The fence stands at the end of the role's comment: unlike a custom setting, that takes no right beyond those that
 * changing the role takes (ALTER ROLE ... SET of an unknown parameter is for superusers since PostgreSQL 15).
 *
 * @returns undefined when there is no such role
 * @throws Failure FenceLost, effect none, when the role was changed under a higher fence
 */
export async function holdRole(session: Session, name: string, call: Call): Promise<HeldRole | undefined> {
  const [found] = await session.query<{ oid: string }>(
    'SELECT oid::text AS oid FROM pg_roles WHERE rolname = $1',
    [name],
  );
  if (!found) return undefined;
  await session.query('SELECT pg_advisory_xact_lock(($1::bigint << 32) | $2::bigint)', [
    lockClass,
    found.oid,
  ]);
  // Read after the lock is ours, in a statement of its own: it sees what the holder before us committed.
  const [role] = await session.query<Omit<HeldRole, 'oid'>>(
    `SELECT rolname AS name, coalesce(rolvaliduntil < clock_timestamp(), false) AS expired,
            coalesce(shobj_description(oid, 'pg_authid'), '') AS comment
       FROM pg_roles WHERE oid = $1::oid AND rolname = $2`,
    [found.oid, name],
  );
  if (!role) return undefined;
  const held = Number(marker.exec(role.comment)?.[1] ?? 0);
  if (held <= call.fence) return { ...role, oid: found.oid };
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
