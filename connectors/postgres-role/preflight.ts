import { escapeIdentifier } from 'pg';
import { Failure, type FailureCode } from '../../core/failure';
import type { Session } from './client';
import type { PostgresTarget } from './target';

interface Admin {
  readonly name: string;
  readonly version: number;
  readonly standby: boolean;
  readonly superuser: boolean;
  readonly createRole: boolean;
  readonly signals: boolean;
  readonly stats: boolean;
}

interface Checked {
  readonly name: string;
  readonly found: boolean;
  readonly superuser: boolean;
  readonly expired: boolean;
  readonly administered: boolean;
  readonly member: boolean;
}

// Since PostgreSQL 16 CREATEROLE reaches only roles held WITH ADMIN OPTION, and memberships say whether SET ROLE is allowed.
const perRoleRights = 160_000;

/**
 * Looks at everything a rotation will need, before it changes anything.
 * @throws Failure PrincipalMissing, AdminRightsMissing or TargetRejected, with the statement to run
 */
export async function checkTarget(session: Session, target: PostgresTarget): Promise<void> {
  const admin = await readAdmin(session);
  if (admin.standby)
    throw refusal(
      'TargetRejected',
      `${target.host} is a read-only standby; target.host has to be the primary`,
    );
  if (target.roles.includes(admin.name))
    throw refusal(
      'AdminRightsMissing',
      `target.roles lists ${admin.name}, which is the admin's own role: a rotation would lock the admin out. Give target.admin a role of its own`,
    );
  if (target.owner !== undefined) await checkOwner(session, target.owner);
  const roles = await readRoles(session, target, admin);
  for (const [index, role] of roles.entries()) checkRole(role, `target.roles.${index}`, admin, target.owner);
  if (admin.superuser) return;
  const me = escapeIdentifier(admin.name);
  if (!admin.createRole)
    throw refusal('AdminRightsMissing', `${admin.name} may not change roles`, `ALTER ROLE ${me} CREATEROLE`);
  if (!admin.signals)
    throw refusal(
      'AdminRightsMissing',
      `${admin.name} may not end sessions`,
      `GRANT pg_signal_backend TO ${me}`,
    );
  if (!admin.stats)
    throw refusal(
      'AdminRightsMissing',
      `${admin.name} does not see other roles' sessions`,
      `GRANT pg_read_all_stats TO ${me}`,
    );
}

function checkRole(role: Checked, field: string, admin: Admin, owner: string | undefined): void {
  const quoted = escapeIdentifier(role.name);
  if (!role.found)
    throw refusal(
      'PrincipalMissing',
      `${field}: there is no role ${role.name}`,
      `CREATE ROLE ${quoted} NOLOGIN`,
    );
  if (role.expired) {
    const sql = `ALTER ROLE ${quoted} VALID UNTIL 'infinity'`;
    throw refusal(
      'TargetRejected',
      `${field}: VALID UNTIL of ${role.name} has passed, so no password lets it in`,
      sql,
    );
  }
  if (role.superuser && !admin.superuser) {
    const sql = `ALTER ROLE ${quoted} NOSUPERUSER`;
    throw refusal(
      'AdminRightsMissing',
      `${field}: ${role.name} is a superuser, which ${admin.name} may not change`,
      sql,
    );
  }
  if (!role.administered && !admin.superuser && admin.version >= perRoleRights) {
    const sql = `GRANT ${quoted} TO ${escapeIdentifier(admin.name)} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`;
    throw refusal('AdminRightsMissing', `${field}: ${admin.name} may not change ${role.name}`, sql);
  }
  if (owner !== undefined && !role.member) {
    const sql = `GRANT ${escapeIdentifier(owner)} TO ${quoted}`;
    throw refusal(
      'AdminRightsMissing',
      `${field}: ${role.name} is no member of target.owner ${owner}, or may not SET ROLE to it`,
      sql,
    );
  }
}

async function checkOwner(session: Session, owner: string): Promise<void> {
  const found = await session.query('SELECT FROM pg_roles WHERE rolname = $1', [owner]);
  if (found.length > 0) return;
  throw refusal(
    'PrincipalMissing',
    `target.owner: there is no role ${owner}`,
    `CREATE ROLE ${escapeIdentifier(owner)} NOLOGIN`,
  );
}

async function readAdmin(session: Session): Promise<Admin> {
  const [admin] = await session.query<Admin>(
    `SELECT rolname AS name, rolsuper AS superuser, rolcreaterole AS "createRole",
            current_setting('server_version_num')::int AS version, pg_is_in_recovery() AS standby,
            pg_has_role('pg_signal_backend', 'USAGE') AS signals, pg_has_role('pg_read_all_stats', 'USAGE') AS stats
       FROM pg_roles WHERE rolname = current_user`,
  );
  if (admin) return admin;
  throw new Failure(
    'Internal',
    'the server does not list the role that logged in. Nothing was changed',
    'none',
  );
}

function readRoles(session: Session, target: PostgresTarget, admin: Admin): Promise<Checked[]> {
  return session.query<Checked>(
    `SELECT wanted.name, oid IS NOT NULL AS found, coalesce(rolsuper, false) AS superuser,
            coalesce(rolvaliduntil < clock_timestamp(), false) AS expired,
            coalesce(pg_has_role(oid, 'MEMBER WITH ADMIN OPTION'), false) AS administered,
            coalesce(pg_has_role(oid, (SELECT owner.oid FROM pg_roles owner WHERE owner.rolname = $2), $3), false) AS member
       FROM unnest($1::text[]) WITH ORDINALITY AS wanted(name, place)
       LEFT JOIN pg_roles ON rolname = wanted.name ORDER BY place`,
    [target.roles, target.owner ?? null, admin.version >= perRoleRights ? 'SET' : 'MEMBER'],
  );
}

function refusal(code: FailureCode, what: string, sql?: string): Failure {
  return new Failure(code, `${what}. Nothing was changed.${sql === undefined ? '' : ` Run: ${sql}`}`, 'none');
}
