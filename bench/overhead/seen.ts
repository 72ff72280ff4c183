import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestPostgres } from '../../test/support/postgres';

/** Flags a server needs so that its log can be told apart by session and role. */
export const seenFlags = ['-c', 'log_line_prefix=<%p|%u|%a|%d> '] as const;

const LINE = /^<(\d+)\|([^|]*)\|([^|]*)\|([^>]*)> (LOG|FATAL): {2}(.*)$/;

/**
 * Every login and statement that the server got on one database while `work` ran, in order and by session, with names
 * and values that differ from run to run made equal. It is the server that says so, not the code under measurement.
 */
export async function seenDuring(
  server: TestPostgres,
  database: string,
  work: () => Promise<unknown>,
): Promise<readonly string[]> {
  await server.sql(`ALTER DATABASE ${database} SET log_statement = 'all'`);
  const from = server.logText().length;
  await work();
  await server.sql(`ALTER DATABASE ${database} RESET log_statement`);
  await logged(server);
  return readable(server.logText().slice(from), database);
}

/** Returns once everything said so far is in the log. */
async function logged(server: TestPostgres): Promise<void> {
  const mark = randomUUID();
  await server.sql(`DO $$ BEGIN RAISE LOG 'mark ${mark}'; END $$`);
  while (!server.logText().includes(mark)) await new Promise((resolve) => setImmediate(resolve));
}

function readable(log: string, database: string): readonly string[] {
  const sessions = new Map<string, number>();
  return joined(log).flatMap((line) => {
    const [, pid = '', user = '', client = '', at, kind, text = ''] = LINE.exec(line) ?? [];
    if (at !== database) return [];
    if (!sessions.has(pid)) sessions.set(pid, sessions.size + 1);
    const told = kind === 'FATAL' ? text : text.replace(/^(statement|execute [^:]*): /, '');
    return [
      `${sessions.get(pid) ?? 0} ${user} ${client}: ${told}`.replaceAll(database, 'db').replace(VALUES, '?'),
    ];
  });
}

const VALUES = /SCRAM-SHA-256\$[^']*|(?<=gapless fence )\d+/g;

/** A statement of several lines goes on with a tab. */
function joined(log: string): readonly string[] {
  return log.replaceAll(/\n\t\s*/g, ' ').split('\n');
}

/** The first difference of two lists, in words; undefined when they are equal. */
export function difference(a: readonly string[], b: readonly string[]): string | undefined {
  const at = Array.from({ length: Math.max(a.length, b.length) }, (_, index) => index).find(
    (index) => a[index] !== b[index],
  );
  if (at === undefined) return undefined;
  return `entry ${at + 1} is "${a[at] ?? 'missing'}" with the bare script and "${b[at] ?? 'missing'}" with the pipeline`;
}

/** How long the sessions of one rotation may take to end, in milliseconds. */
const ENDING_MS = 10_000;

/**
 * Sessions that were let in to each of two databases since they were made. A session is counted when it ends, so this
 * waits until none is left.
 * @throws Error when one does not end
 */
export async function sessionsOf(
  server: TestPostgres,
  databases: readonly [string, string],
): Promise<readonly [number, number]> {
  const from = performance.now();
  while ((await openSessions(server, databases)) > 0) {
    if (performance.now() - from > ENDING_MS)
      throw new Error(`a session in ${databases.join(' or ')} does not end; nothing can be compared`);
    await sleep(5);
  }
  const rows = await server.sql<{ datname: string; sessions: number }>(
    'SELECT datname, sessions::int FROM pg_stat_database WHERE datname = ANY($1)',
    [databases],
  );
  const [first, second] = databases.map((name) => rows.find(({ datname }) => datname === name)?.sessions);
  if (first === undefined || second === undefined)
    throw new Error(`no database ${databases.join(' or ')} on the server`);
  return [first, second];
}

async function openSessions(server: TestPostgres, databases: readonly string[]): Promise<number> {
  const [row] = await server.sql<{ open: number }>(
    'SELECT count(*)::int AS open FROM pg_stat_activity WHERE datname = ANY($1)',
    [databases],
  );
  return row?.open ?? 0;
}
