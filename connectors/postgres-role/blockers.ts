import type { Call } from '../../core/call';
import { inTransaction, type Session, withSession } from './client';
import { TargetFailure } from './errors';
import type { PostgresTarget } from './target';

/** Between two looks at who blocks, and before the first: a change that nobody blocks takes no second connection. */
const pollMs = 20;

/** Time kept back at the end of a call, so that the answer is still in time. */
const reserveMs = 100;

// The row was changed, deleted or deadlocked over under our hands; 42704: the role was dropped after it was found.
const conflicts = ['XX000', '40001', '40P01', '42704'];

// Also whoever blocks a session that blocks us: the role's session may stand behind one that is only waiting for it.
const endBlocking = `WITH RECURSIVE blocking(pid) AS (
    SELECT unnest(pg_blocking_pids($1::int)) UNION SELECT unnest(pg_blocking_pids(blocking.pid)) FROM blocking)
  SELECT pg_terminate_backend(pid) FROM pg_stat_activity JOIN blocking USING (pid)
   WHERE usesysid = (SELECT oid FROM pg_roles WHERE rolname = $2)`;
const endAll = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE pid <> pg_backend_pid() AND usesysid = (SELECT oid FROM pg_roles WHERE rolname = $1)`;

/**
 * Runs `work` in a transaction that takes `role` away from whoever has its password. That somebody may hold what the
 * change waits for, such as the role's row after an `ALTER ROLE CURRENT_USER PASSWORD` without COMMIT, and would keep
 * the credential alive by doing nothing. So sessions of this role that block are ended from a second connection for as
 * long as `work` runs, and a change that lost a race is repeated, after the end of all sessions of the role. Sessions
 * of other roles are never ended.
 *
 * @throws Failure of the last attempt, such as TargetUnreachable when another role's session holds the lock
 */
export async function withoutBlockers<T>(
  target: PostgresTarget,
  session: Session,
  role: string,
  call: Call,
  work: () => Promise<T>,
): Promise<T> {
  const [own] = await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const done = new AbortController();
  const ending = endBlockers(target, session, [own?.pid, role], call, done.signal);
  try {
    return await repeated(session, role, call, work);
  } finally {
    done.abort();
    await ending;
  }
}

async function endBlockers(
  target: PostgresTarget,
  blocked: Session,
  values: readonly unknown[],
  call: Call,
  done: AbortSignal,
): Promise<void> {
  const goesOn = () => !done.aborted && blocked.remaining() > 0;
  for (await call.sleep(pollMs); goesOn(); await call.sleep(pollMs)) {
    const rest = { ...call, timeoutMs: Math.ceil(blocked.remaining()) };
    const looking = withSession(target, rest, async (second) => {
      for (; goesOn(); await call.sleep(pollMs)) await second.query(endBlocking, values);
    });
    // It is tried again; when it never works, the change fails and says so.
    await looking.catch(() => undefined);
  }
}

async function repeated<T>(session: Session, role: string, call: Call, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await inTransaction(session, work);
    } catch (error) {
      const lostRace = error instanceof TargetFailure && conflicts.includes(error.rawCode);
      if (!lostRace || error.effect !== 'none' || session.remaining() < reserveMs) throw error;
      await session.query('ROLLBACK');
      await session.query(endAll, [role]);
      await call.sleep(pollMs);
    }
  }
}
