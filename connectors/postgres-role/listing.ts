import type { LiveCredential } from '../../core/credential';
import type { Session } from './client';
import type { PostgresTarget } from './target';

/**
 * The identity's roles that exist, and whoever else may log in as a member of the owner: the latter is seen, reported
 * and never touched.
 */
export async function liveRoles(
  session: Session,
  target: PostgresTarget,
): Promise<readonly LiveCredential[]> {
  const rows = await session.query<{ name: string; login: boolean; own: boolean }>(
    `SELECT rolname AS name, rolcanlogin AS login, rolname = ANY($1::text[]) AS own FROM pg_roles role
      WHERE rolname = ANY($1::text[])
         OR (rolcanlogin AND rolname <> current_user AND EXISTS (
              SELECT FROM pg_auth_members link JOIN pg_roles owner ON owner.oid = link.roleid
               WHERE owner.rolname = $2 AND link.member = role.oid))
      ORDER BY rolname`,
    [target.roles, target.owner ?? null],
  );
  return rows.map(({ name, login, own }) => ({
    remoteId: name,
    status: login ? 'active' : 'suspended',
    attributable: own,
  }));
}
