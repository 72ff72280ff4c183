import { type Client, DatabaseError, type QueryResultRow } from 'pg';
import type { Call } from '../../core/call';
import { type Effect, Failure } from '../../core/failure';
import { attempt, close } from './connection';
import { failureFrom } from './errors';
import type { PostgresTarget } from './target';

/** Part of a call's time that is spent at most; the rest is for closing the connection and for the answer. */
const share = 0.9;
const applicationName = 'gapless';

/** An open connection under the call's authority. Every error is a Failure in safe words. */
export interface Session {
  /** Rows of one statement, which ends with the call's time. `effect` is what a failure of it leaves behind. */
  query<R extends QueryResultRow>(text: string, values?: readonly unknown[], effect?: Effect): Promise<R[]>;
  /** Milliseconds left of the call. */
  remaining(): number;
}

/**
 * Connects with `call.authority`, works, disconnects.
 * @throws Failure AdminSecretMissing, AdminRightsMissing, TargetUnreachable, TargetThrottled, TargetRejected, InvalidInput
 */
export async function withSession<T>(
  target: PostgresTarget,
  call: Call,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const deadline = call.monotonic() + call.timeoutMs * share;
  const remaining = () => deadline - call.monotonic();
  const username = field(call, 'username');
  const at = `${target.host}:${target.port}/${target.database}`;
  const limit = Math.max(1, Math.floor(call.timeoutMs / 2));
  const { client } = attempt(
    { ...target, username, password: field(call, 'password') },
    {
      application_name: applicationName,
      connectionTimeoutMillis: limit,
      statement_timeout: limit,
      lock_timeout: limit,
      idle_in_transaction_session_timeout: limit,
    },
  );
  try {
    await client.connect().catch((error: unknown) => {
      throw failureFrom(error, { at, as: username, doing: 'login' }, 'none');
    });
    return await work({ query: querying(client, remaining, `${at} as ${username}`), remaining });
  } finally {
    await close(client);
  }
}

function querying(client: Client, remaining: () => number, at: string): Session['query'] {
  return async <R extends QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
    effect: Effect = 'none',
  ): Promise<R[]> => {
    const left = Math.floor(remaining());
    const doing = /^(ALTER ROLE|DROP ROLE|COMMENT|[A-Z]+)/.exec(text.trim())?.[0] ?? 'statement';
    if (left <= 0)
      throw new Failure('TargetUnreachable', `${at}: no time was left for ${doing}; it was not sent`, effect);
    try {
      const config = { text, values: [...values], query_timeout: left };
      return (await client.query<R>(config)).rows;
    } catch (error) {
      throw failureFrom(error, { at, doing }, doing === 'COMMIT' ? effectOfCommit(error) : effect);
    }
  };
}

/** Once COMMIT is sent, only the server's own refusal says that nothing lasts. */
function effectOfCommit(error: unknown): Effect {
  return error instanceof DatabaseError && !/^(08|57)/.test(error.code ?? '') ? 'none' : 'unknown';
}

/**
 * Runs `work` in one transaction. When `work` throws nothing lasts; when COMMIT is not answered the effect is unknown.
 */
export async function inTransaction<T>(session: Session, work: () => Promise<T>): Promise<T> {
  // A database's own default may be a stricter level, under which a second read does not see what was committed since.
  await session.query('BEGIN ISOLATION LEVEL READ COMMITTED');
  // An error leaves without ROLLBACK: the session is closed next, which rolls back and cannot hide the first error.
  const result = await work();
  await session.query('COMMIT');
  return result;
}

/** The server's clock now, ISO 8601 with microseconds. Asked after COMMIT, so losing the answer leaves the effect unknown. */
export async function clockAfterCommit(session: Session): Promise<string> {
  const text = `SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS now`;
  const [row] = await session.query<{ now: string }>(text, [], 'unknown');
  if (row) return row.now;
  throw new Failure('Internal', 'the server answered without its clock', 'unknown');
}

function field(call: Call, name: 'username' | 'password'): string {
  const value = call.authority.reveal(name);
  if (value !== undefined && value !== '') return value;
  const message = `the secret used to log in to the target has no field ${name}; want a JSON object with username and password. Nothing was changed`;
  throw new Failure('AdminSecretMissing', message, 'none');
}
