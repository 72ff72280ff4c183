import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { promises as fs } from 'node:fs';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { disposable, type RunningPostgres, startPostgres } from '../../apps/local/target/postgres';

let dataDir: string;

beforeAll(async () => {
  dataDir = await fs.mkdtemp(path.join(os.tmpdir(), 'gapless-test-'));
});
afterAll(() => fs.rm(dataDir, { recursive: true, force: true }));

async function query(server: RunningPostgres, text: string, password = server.superuser.password) {
  const { host, port, superuser } = server;
  const client = new Client({ host, port, user: superuser.user, password, database: 'postgres', ssl: false });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** Whether anybody still answers on the port. */
async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const answer = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'close').then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return answer;
}

it('keeps data and superuser password over a restart, and asks everyone for SCRAM', async () => {
  const first = await startPostgres({ dataDir, flags: disposable });
  expect(await query(first, 'SHOW password_encryption')).toEqual([{ password_encryption: 'scram-sha-256' }]);
  expect(await query(first, `SELECT DISTINCT auth_method FROM pg_hba_file_rules`)).toEqual([
    { auth_method: 'scram-sha-256' },
  ]);
  await query(first, 'CREATE TABLE kept (id int)');
  await first.stop();
  await first.stop();
  expect(await answers(first.port)).toBe(false);
  const second = await startPostgres({ dataDir, flags: disposable });
  expect(second.superuser).toEqual(first.superuser);
  expect(await query(second, 'SELECT count(*)::int AS rows FROM kept')).toEqual([{ rows: 0 }]);
  await expect(query(second, 'SELECT 1', 'wrong')).rejects.toMatchObject({ code: '28P01' });
  await second.stop();
});

it('shows what the server logs, statements included when asked', async () => {
  const pieces: string[] = [];
  const log = (text: string) => void pieces.push(text);
  const server = await startPostgres({ dataDir, log, flags: [...disposable, '-c', 'log_statement=all'] });
  await query(server, 'SELECT 4711 AS marker');
  await server.stop();
  expect(server.logText()).toContain('statement: SELECT 4711 AS marker');
  expect(pieces.join('')).toBe(server.logText());
});

it('says why it does not start', async () => {
  const bad = startPostgres({ dataDir, flags: ['-c', 'max_connections=none'] });
  await expect(bad).rejects.toThrow(/did not start on 127\.0\.0\.1:\d+: .*max_connections/);
});

it('ends with the process that started it, even when that is killed, and starts again at once', async () => {
  const module = JSON.stringify(path.resolve(__dirname, '../../apps/local/target/postgres.ts'));
  const script = `require(${module}).startPostgres({ dataDir: process.argv[1] }).then((s) => { console.log(s.port); setInterval(() => {}, 1e6); })`;
  const parent = spawn(process.execPath, ['--require', 'tsx/cjs', '-e', script, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(parent.stdout, 'data');
  const port = Number(String(line));
  expect(await answers(port)).toBe(true);
  parent.kill('SIGKILL');
  const next = await startPostgres({ dataDir, flags: disposable });
  expect(await query(next, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await next.stop();
  while (await answers(port));
});
