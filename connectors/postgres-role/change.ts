import { escapeIdentifier } from 'pg';
import type { Call } from '../../core/call';
import type { Change } from '../../core/connector';
import { Failure } from '../../core/failure';
import { withoutBlockers } from './blockers';
import { clockAfterCommit, inTransaction, type Session, withSession } from './client';
import { confirmFence, type HeldRole, holdRole, takeTurn, writeFence } from './fence';
import { dropRole } from './removal';
import type { PostgresTarget } from './target';

type Statement = (session: Session, role: HeldRole) => Promise<unknown>;

/**
 * Makes a role usable: one transaction that waits for its turn, holds the role, changes it and writes the fence; then
 * the server's clock.
 * @throws Failure PrincipalMissing, FenceLost and those of `withSession`
 */
export async function enableRole(
  target: PostgresTarget,
  name: string,
  call: Call,
  change: Statement,
): Promise<Change> {
  return withSession(target, call, async (session) => {
    await inTransaction(session, async () => {
      const role = await holdRole(session, name, call, takeTurn.inOrder);
      if (!role) throw missing(name);
      await change(session, role);
      await confirmFence(session, role, call);
      await writeFence(session, role, call);
    });
    return { effect: 'applied', cut: await clockAfterCommit(session) };
  });
}

/**
 * Makes a role unusable, in the same way, except that nobody who has its password can keep it waiting.
 * `alreadySo` when there is no such role.
 * @throws Failure FenceLost and those of `withSession`
 */
export async function disableRole(
  target: PostgresTarget,
  name: string,
  call: Call,
  change: Statement,
): Promise<Change> {
  return taken(target, name, call, async (session, role) => {
    await change(session, role);
    await confirmFence(session, role, call);
    await writeFence(session, role, call);
    return { effect: 'applied' };
  });
}

/** Unusable first, and for certain; then gone, if nothing depends on it. */
export async function removeRole(target: PostgresTarget, name: string, call: Call): Promise<Change> {
  return taken(target, name, call, async (session, role) => {
    await emptySlot(session, role);
    await confirmFence(session, role, call);
    const left = await dropRole(session, role);
    if (left === undefined) return { effect: 'applied' };
    await writeFence(session, role, call);
    return { effect: 'deferred', left };
  });
}

/** What is left of a role that keeps its name: no password and no login. */
export async function emptySlot(session: Session, { name }: HeldRole): Promise<void> {
  await session.query(`ALTER ROLE ${escapeIdentifier(name)} NOLOGIN PASSWORD NULL`);
}

async function taken(
  target: PostgresTarget,
  name: string,
  call: Call,
  change: (session: Session, role: HeldRole) => Promise<Change>,
): Promise<Change> {
  return withSession(target, call, async (session) => {
    const outcome = await withoutBlockers(target, session, name, call, async (): Promise<Change> => {
      const role = await holdRole(session, name, call, takeTurn.atOnce);
      return role ? change(session, role) : { effect: 'alreadySo' };
    });
    return { ...outcome, cut: await clockAfterCommit(session) };
  });
}

function missing(name: string): Failure {
  const message = `target.roles: there is no role ${name}. Nothing was changed. Run: CREATE ROLE ${escapeIdentifier(name)} NOLOGIN`;
  return new Failure('PrincipalMissing', message, 'none');
}
