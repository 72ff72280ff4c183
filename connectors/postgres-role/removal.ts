import { escapeIdentifier } from 'pg';
import type { Session } from './client';
import { TargetFailure } from './errors';
import type { HeldRole } from './fence';

const dependentObjectsStillExist = '2BP01';

/**
 * Drops the role inside the transaction that holds it. What it owns or was granted stays as it is: then the role
 * stays too, and the answer says in words what is left.
 */
export async function dropRole(session: Session, role: HeldRole): Promise<string | undefined> {
  await session.query('SAVEPOINT before_drop');
  try {
    await session.query(`DROP ROLE ${escapeIdentifier(role.name)}`);
    return undefined;
  } catch (error) {
    if (!(error instanceof TargetFailure) || error.rawCode !== dependentObjectsStillExist) throw error;
    await session.query('ROLLBACK TO before_drop');
    return dependents(session, role);
  }
}

async function dependents(session: Session, role: HeldRole): Promise<string> {
  const rows = await session.query<{ database: string; count: number }>(
    `SELECT coalesce(datname, '') AS database, count(*)::int AS count
       FROM pg_shdepend LEFT JOIN pg_database ON pg_database.oid = dbid
      WHERE refclassid = 'pg_authid'::regclass AND refobjid = $1::oid
      GROUP BY datname ORDER BY datname`,
    [role.oid],
  );
  const places = rows.map(({ database, count }) => {
    const objects = `${count} ${count === 1 ? 'object' : 'objects'}`;
    return database === '' ? `${objects} shared by all databases` : `${objects} in database ${database}`;
  });
  return `role ${role.name} owns or holds rights on ${places.join(', ')}; nothing was reassigned or dropped. It cannot log in`;
}
