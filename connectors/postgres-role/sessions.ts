import type { SessionCount, SessionScope } from '../../core/connector';
import type { Call } from '../../core/call';
import { Failure } from '../../core/failure';
import type { Session } from './client';

const pollMs = 20;

/** Time kept back at the end of a call, so that the answer is still in time. */
const reserveMs = 100;

/**
 * Sessions of the role's oid: it is the role that logged in, whatever SET ROLE made of it since, and it stays when the
 * role is renamed. A connection that began before the bound and is still authenticating counts too (PostgreSQL 18
 * lists those without a role): the verifier it is held against is the one read when it began.
 */
const matching = `
  pid <> pg_backend_pid()
  AND ($2::timestamptz IS NULL OR backend_start <= $2::timestamptz)
  AND ($3::timestamptz IS NULL OR backend_start > $3::timestamptz)
  AND ($4::text IS NULL OR application_name = $4)`;
const ofRole = `usesysid = $1::oid AND ${matching}`;
const authenticating = `$1::oid IS NOT NULL AND $2::timestamptz IS NOT NULL AND $4::text IS NULL
  AND usesysid IS NULL AND backend_type = 'client backend' AND backend_start <= $2::timestamptz`;
// A dropped role's sessions live on under an oid that nobody can tell apart any more: they all count.
const ofDroppedRoles = `$1::oid IS NULL AND usesysid IS NOT NULL
  AND NOT EXISTS (SELECT FROM pg_roles WHERE pg_roles.oid = usesysid) AND ${matching}`;

// Before version 18 a login that is under way is not listed. Until it must have ended by itself, it counts as one.
const underWay = `CASE WHEN current_setting('server_version_num')::int < 180000
  AND $2::timestamptz IS NOT NULL AND $4::text IS NULL
  AND clock_timestamp() < $2::timestamptz + current_setting('authentication_timeout')::interval THEN 1 ELSE 0 END`;

type Parameters = readonly [
  oid: string | null,
  until: string | null,
  after: string | null,
  client: string | null,
];

/**
 * Counts the sessions of a role.
 * @throws Failure AdminRightsMissing when the login may not see other roles' sessions: it would count too few
 */
export async function countSessionsOf(
  session: Session,
  role: string,
  scope: SessionScope,
): Promise<SessionCount> {
  const oid = await visibleOid(session, role);
  const text = `SELECT (count(*) + ${underWay})::int AS count FROM pg_stat_activity
    WHERE (${ofRole}) OR (${authenticating}) OR (${ofDroppedRoles})`;
  const [row] = await session.query<{ count: number }>(text, parameters(oid, scope));
  if (!row)
    throw new Failure('Internal', 'the server answered a count without a row. Nothing was changed', 'none');
  return {
    count: row.count,
    countedBy: oid === undefined ? `no role ${role}; sessions of dropped roles` : `oid ${oid}`,
  };
}

/**
 * Ends the sessions of a role, again and again until none is left or the call's time is over.
 * @returns how many are gone
 */
export async function endSessionsOf(
  session: Session,
  role: string,
  scope: SessionScope,
  call: Call,
): Promise<SessionCount> {
  const oid = await visibleOid(session, role);
  if (oid === undefined) return { count: 0, countedBy: `no role ${role}` };
  const text = `SELECT pid || ' ' || backend_start AS id, pg_terminate_backend(pid) AS told FROM pg_stat_activity WHERE ${ofRole}`;
  const seen = new Set<string>();
  for (;;) {
    const alive = await session.query<{ id: string }>(text, parameters(oid, scope), 'unknown');
    for (const { id } of alive) seen.add(id);
    const over = session.remaining() < reserveMs + pollMs;
    if (alive.length === 0 || over) return { count: seen.size - alive.length, countedBy: `oid ${oid}` };
    await call.sleep(pollMs);
  }
}

async function visibleOid(session: Session, role: string): Promise<string | undefined> {
  const [row] = await session.query<{ sees: boolean; me: string; oid: string | null }>(
    `SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS sees, current_user AS me,
            (SELECT oid::text FROM pg_roles WHERE rolname = $1) AS oid`,
    [role],
  );
  if (row?.sees) return row.oid ?? undefined;
  const who = row?.me ?? 'the login';
  const message = `${who} does not see other roles' sessions. Nothing was changed. Run: GRANT pg_read_all_stats TO "${who}"`;
  throw new Failure('AdminRightsMissing', message, 'none');
}

function parameters(oid: string | undefined, scope: SessionScope): Parameters {
  return [oid ?? null, scope.startedAtOrBefore ?? null, scope.startedAfter ?? null, scope.client ?? null];
}
