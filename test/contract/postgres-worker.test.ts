import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { escapeLiteral } from 'pg';
import { httpConsumers } from '../../adapters/http/consumer-client';
import { startWorker, type WorkerProcess } from '../../apps/local/target/worker-process';
import type { ConsumerSeen } from '../../core/consumer';
import { eventually } from '../support/eventually';
import { type SecretsStandIn, startSecretsStandIn } from '../support/secrets-manager';
import { type TestPostgres, testPostgres } from '../support/postgres';

const passwords = { app_a: 'first-hunter2', app_b: 'second-hunter2' } as const;
type Role = keyof typeof passwords;

let postgres: TestPostgres;
let secrets: SecretsStandIn;
let workers: WorkerProcess[];
let written: string[];

beforeAll(async () => {
  postgres = await testPostgres();
  for (const role of ['app_a', 'app_b']) await postgres.sql(`CREATE ROLE ${role}`);
});
afterAll(() => postgres.stop());

beforeEach(async () => {
  workers = [];
  written = [];
  secrets = await startSecretsStandIn();
  await setPassword('app_a', passwords.app_a);
  await setPassword('app_b', passwords.app_b);
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  secrets.stop();
});

async function setPassword(role: Role, password: string): Promise<void> {
  await postgres.sql(`ALTER ROLE ${role} LOGIN PASSWORD ${escapeLiteral(password)}`);
}

function setCurrent(versionId: string, role: Role, password: string = passwords[role]): void {
  const { host, port } = postgres;
  secrets.setCurrent(versionId, {
    engine: 'postgres',
    host,
    port,
    dbname: 'postgres',
    username: role,
    password,
  });
}

function workerEnv(): Record<string, string> {
  return {
    SECRET_ID: 'billing',
    POOL_SIZE: '3',
    QUERY_EVERY_MS: '1',
    LOGIN_EVERY_MS: '10',
    APPLICATION_NAME: 'billing-worker',
    AWS_ENDPOINT_URL: secrets.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
}

async function runWorker(): Promise<WorkerProcess> {
  const worker = await startWorker({ env: workerEnv(), log: (line) => void written.push(line) });
  workers.push(worker);
  return worker;
}

const consumers = httpConsumers();
const consumerAt = ({ url }: Pick<WorkerProcess, 'url'>) => ({ id: 'billing', url, allowPrivate: true });

function seen(worker: WorkerProcess, holds: (answer: ConsumerSeen) => boolean): Promise<ConsumerSeen> {
  return eventually(() => consumers.observe(consumerAt(worker), 5_000), holds);
}

function callsAfter(worker: WorkerProcess, { calls = 0 }: ConsumerSeen): Promise<ConsumerSeen> {
  return seen(worker, (answer) => (answer.calls ?? 0) > calls + 50);
}

async function sessionsOf(role: Role): Promise<number> {
  const found = await postgres.sql(
    "SELECT 1 FROM pg_stat_activity WHERE usename = $1 AND application_name = 'billing-worker'",
    [role],
  );
  return found.length;
}

describe('the example worker under load', () => {
  it('moves to another role on reload without a failed call, and leaves no session of the old one', async () => {
    setCurrent('version-1', 'app_a');
    const worker = await runWorker();
    const before = await callsAfter(worker, { versionId: undefined });
    expect(before).toMatchObject({ versionId: 'version-1', failedCalls: 0, longestFailureMs: 0 });

    setCurrent('version-2', 'app_b');
    expect(await consumers.reload(consumerAt(worker), 'version-2', 5_000)).toBe('accepted');
    const moved = await seen(worker, ({ versionId }) => versionId === 'version-2');
    expect(
      await eventually(
        () => sessionsOf('app_a'),
        (count) => count === 0,
      ),
    ).toBe(0);
    expect(await consumers.reload(consumerAt(worker), 'version-2', 5_000)).toBe('alreadyOn');

    const after = await callsAfter(worker, moved);
    expect(after).toMatchObject({ versionId: 'version-2', failedCalls: 0, longestFailureMs: 0 });
    expect(await sessionsOf('app_b')).toBeGreaterThan(0);
  });

  it('counts refused logins, and heals itself once the secret has the new password', async () => {
    setCurrent('version-1', 'app_a');
    const worker = await runWorker();
    await callsAfter(worker, await consumers.observe(consumerAt(worker), 5_000));
    await setPassword('app_a', 'third-hunter2');
    await seen(worker, ({ failedCalls = 0 }) => failedCalls > 2);

    setCurrent('version-2', 'app_a', 'third-hunter2');
    const healed = await seen(worker, ({ versionId }) => versionId === 'version-2');
    const settled = await callsAfter(worker, healed);
    const later = await callsAfter(worker, settled);
    expect(later.failedCalls).toBe(settled.failedCalls);
    expect(later.longestFailureMs).toBeGreaterThan(0);
    const answer: unknown = await (await fetch(`${worker.url}/gapless/consumer`)).json();
    expect(answer).toMatchObject({ failures: { '28P01': later.failedCalls } });
  });

  it('stays on its version when the new one cannot log in', async () => {
    setCurrent('version-1', 'app_a');
    const worker = await runWorker();
    setCurrent('version-2', 'app_b', 'wrong-hunter2');
    await consumers.reload(consumerAt(worker), 'version-2', 5_000);
    const failed = await seen(worker, ({ failedCalls = 0 }) => failedCalls > 0);
    expect(await callsAfter(worker, failed)).toMatchObject({ versionId: 'version-1', failedCalls: 1 });
    expect(written.join('\n')).toContain('version version-2 cannot log in (28P01); staying on version-1');
  });

  it('never shows a secret value', async () => {
    setCurrent('version-1', 'app_a', 'wrong-hunter2');
    const worker = await runWorker();
    await seen(worker, ({ failedCalls = 0 }) => failedCalls > 2);
    const shown = await (await fetch(`${worker.url}/gapless/consumer`)).text();
    await worker.stop();
    expect([shown, ...written].join('\n')).not.toContain('hunter2');
  });
});

describe('the endpoint of the example worker', () => {
  it('refuses what it does not know, and goes on', async () => {
    setCurrent('version-1', 'app_a');
    const { url } = await runWorker();
    const status = async (method: string, path: string, body: string | null = null) =>
      (await fetch(`${url}${path}`, { method, body })).status;
    expect(await status('GET', '/elsewhere')).toBe(404);
    expect(await status('POST', '/gapless/consumer', '{}')).toBe(405);
    expect(await status('GET', '/gapless/consumer/reload')).toBe(405);
    expect(await status('POST', '/gapless/consumer/reload', '{}')).toBe(400);
    expect(await status('POST', '/gapless/consumer/reload', 'x'.repeat(5_000))).toBe(400);
    expect(await status('GET', '/gapless/consumer')).toBe(200);
  });
});

describe('the end of the example worker', () => {
  it('comes with SIGTERM: exit code 0 and no session left', async () => {
    setCurrent('version-1', 'app_a');
    const worker = await runWorker();
    expect(await worker.stop()).toBe(0);
    expect(
      await eventually(
        () => sessionsOf('app_a'),
        (count) => count === 0,
      ),
    ).toBe(0);
  });

  it('comes with the end of its parent', async () => {
    setCurrent('version-1', 'app_a');
    const script = `
      const { startWorker } = require(${JSON.stringify(require.resolve('../../apps/local/target/worker-process'))});
      startWorker({ env: ${JSON.stringify(workerEnv())} }).then(({ pid }) => console.log(pid));`;
    const parent = spawn(process.execPath, ['--require', require.resolve('tsx/cjs'), '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = await new Promise<number>((resolve) => {
      createInterface({ input: parent.stdout }).once('line', (line) => resolve(Number(line)));
    });
    expect(processState(pid)).toBe('running');
    parent.kill('SIGKILL');
    expect(
      await eventually(
        () => processState(pid),
        (state) => state === 'gone',
      ),
    ).toBe('gone');
  });

  it('comes at once when a setting is wrong, with the field, the value and what is allowed', async () => {
    const started = startWorker({ env: { ...workerEnv(), POOL_SIZE: '0' } });
    await expect(started).rejects.toThrow('POOL_SIZE: got "0", want a whole number from 1 to 100');
  });
});

function processState(pid: number): 'running' | 'gone' {
  try {
    process.kill(pid, 0);
    return 'running';
  } catch {
    return 'gone';
  }
}
