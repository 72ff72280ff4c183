import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promises as fs } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Client, type ClientConfig, type QueryResultRow } from 'pg';
import {
  disposable,
  makeCluster,
  type RunningPostgres,
  startPostgres,
} from '../../apps/local/target/postgres';
import { seedTarget as seedServer, type TargetSeed } from '../../apps/local/target/seed-target';
import type { Call } from '../../core/call';
import { Material } from '../../core/material';
import { madeOnce } from './made-once';

/** A real PostgreSQL that a test file owns, its data in a temporary folder. */
export interface TestPostgres extends RunningPostgres {
  /** Runs one statement as superuser, in `postgres` or the database named. */
  sql<R extends QueryResultRow>(text: string, values?: readonly unknown[], database?: string): Promise<R[]>;
  /** Opens a session that the test, or else `stop`, ends. */
  open(config: ClientConfig): Promise<Client>;
  /** Ends the sessions opened and the server, and removes its data. */
  stop(): Promise<void>;
}

/** A server that somebody else owns, as far as an oracle asks it. */
export type ReachablePostgres = Pick<TestPostgres, 'host' | 'port' | 'sql'>;

/** A server that runs already, for a process that did not start it. */
export function reachablePostgres(
  given: Pick<RunningPostgres, 'host' | 'port' | 'superuser'>,
): ReachablePostgres {
  const { host, port, superuser } = given;
  return {
    host,
    port,
    async sql<R extends QueryResultRow>(
      text: string,
      values: readonly unknown[] = [],
      database = 'postgres',
    ) {
      const client = new Client({ host, port, ssl: false, ...superuser, database });
      client.on('error', () => undefined);
      await client.connect();
      try {
        return (await client.query<R>(text, [...values])).rows;
      } finally {
        await client.end();
      }
    },
  };
}

/** A new cluster takes a second of one core to make, and a tenth of that to copy: the files of one run share the making. */
async function copyCluster(dataDir: string): Promise<void> {
  const made = await madeOnce('postgres', async (folder) => void (await makeCluster(folder)));
  // The server's account owns its files, which only `cp` keeps.
  await promisify(execFile)('cp', ['-a', `${made}/.`, dataDir]);
}

/** Starts a PostgreSQL for one test file; `flags` as in `startPostgres`. */
export async function testPostgres(flags: readonly string[] = []): Promise<TestPostgres> {
  const dataDir = await fs.mkdtemp(path.join(os.tmpdir(), 'gapless-test-'));
  await copyCluster(dataDir);
  const server = await startPostgres({ dataDir, flags: [...disposable, ...flags] });
  const { host, port } = server;
  const sessions: Client[] = [];

  async function open(config: ClientConfig): Promise<Client> {
    const client = new Client({ host, port, database: 'postgres', ssl: false, ...config });
    // Sessions are ended under their clients' feet: that is what is tested.
    client.on('error', () => undefined);
    await client.connect();
    sessions.push(client);
    return client;
  }

  return {
    ...server,
    open,
    sql: reachablePostgres(server).sql,
    async stop() {
      await server.stop();
      await Promise.all(sessions.map((client) => client.end().catch(() => undefined)));
      await fs.rm(dataDir, { recursive: true, force: true });
      if (server.dataDir !== dataDir) await fs.rm(server.dataDir, { recursive: true, force: true });
    },
  };
}

/** What a step would hand a connector: `authority` logs in, everything else is real. */
export function callAs(authority: Material, changes: Partial<Call> = {}): Call {
  return {
    runId: 'run-1',
    fence: 1,
    authority,
    timeoutMs: 10_000,
    random: randomBytes,
    now: () => Date.now(),
    monotonic: () => performance.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    ...changes,
  };
}

/**
 * Puts lines before those of pg_hba.conf and sets what a running server can change, and returns when new connections
 * see both.
 */
export async function reconfigure(
  server: TestPostgres,
  hba: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<void> {
  const file = path.join(server.dataDir, 'cluster', 'pg_hba.conf');
  await fs.writeFile(file, `${hba.join('\n')}\n${await fs.readFile(file, 'utf8')}`);
  for (const [name, value] of Object.entries(settings))
    await server.sql(`ALTER SYSTEM SET ${name} = '${value}'`);
  const loaded = 'SELECT pg_conf_load_time()::text AS at';
  const [before] = await server.sql<{ at: string }>(loaded);
  await server.sql('SELECT pg_reload_conf()');
  for (;;) {
    const [now] = await server.sql<{ at: string }>(loaded);
    if (now?.at !== before?.at) return;
  }
}

function freshPassword(): string {
  return randomBytes(24).toString('base64url');
}

/** A prepared database and the material of everyone who may log in to it. */
export interface SeededTarget {
  readonly database: string;
  readonly owner: string;
  readonly roles: readonly string[];
  readonly admin: Material;
  readonly control: Material;
  /** What the first role logs in with. */
  readonly current: Material;
}

/** Prepares database `name` with roles `<name>_a`, `<name>_b` (idle) under `<name>_owner`, or `<name>_app` in place. */
export async function seedTarget(
  server: RunningPostgres,
  name: string,
  strategy: 'in-place' | 'alternating',
): Promise<SeededTarget> {
  const owner = `${name}_owner`;
  const first = { name: strategy === 'alternating' ? `${name}_a` : `${name}_app`, password: freshPassword() };
  const roles = strategy === 'alternating' ? [first, { name: `${name}_b` }] : [first];
  const admin = { name: `${name}_gapless_admin`, password: freshPassword() };
  const control = { name: `${name}_gapless_control`, password: freshPassword() };
  const seed: TargetSeed = {
    database: name,
    roles,
    admin,
    control,
    ...(strategy === 'alternating' ? { owner } : {}),
  };
  await seedServer(server, seed);
  const material = (role: { name: string; password: string }) =>
    new Material({
      engine: 'postgres',
      host: server.host,
      port: String(server.port),
      dbname: name,
      username: role.name,
      password: role.password,
    });
  return {
    database: name,
    owner,
    roles: roles.map((role) => role.name),
    admin: material(admin),
    control: material(control),
    current: material(first),
  };
}
