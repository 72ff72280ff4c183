import { httpConsumers } from '../../adapters/http/consumer-client';
import { freePorts } from '../../apps/local/target/free-ports';
import { awsEnvironment, startWorker, type WorkerProcess } from '../../apps/local/target/worker-process';
import type { ConsumerSeen } from '../../core/consumer';
import type { RecordOf } from '../../core/evidence/record';
import { verifyStoredRun } from '../../core/evidence/verify';
import { acceptedVersion, logInBackToBack } from '../support/accepted';
import { gaplessCloud, type GaplessCloud } from '../support/gapless-cloud';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { seedIdentity, type IdentityOptions, type SeededIdentity } from '../support/postgres-identity';
import { startPostgresProxy, type PostgresProxy, type StatementEvent } from '../support/postgres-proxy';

// The deployed app on the embedded engine, a worker under load at each identity, and a target whose every statement is
// held up while somebody sees whether a credential is accepted.

interface Actor {
  readonly identity: SeededIdentity;
  readonly worker: WorkerProcess;
}

const strategies = ['alternating', 'in-place'] as const;
const consumers = httpConsumers();

let server: TestPostgres;
let proxy: PostgresProxy;
let cloud: GaplessCloud;
let actors: Readonly<Record<IdentityOptions['strategy'], Actor>>;
/** Statements of ours at the target, mutators' and probers', and whether anybody could log in after each. */
let looks: { readonly sql: string; readonly found: 'accepted' | 'locked out' }[];

beforeAll(async () => {
  server = await testPostgres();
  proxy = await startPostgresProxy({ target: server, onStatement: look });
  const [alternatingPort = 0, inPlacePort = 0] = await freePorts(2);
  const ports = { alternating: alternatingPort, 'in-place': inPlacePort };
  const identities = await Promise.all(strategies.map((strategy) => watched(strategy, ports[strategy])));
  cloud = await gaplessCloud(identities);
  const [alternating, inPlace] = await Promise.all(
    identities.map(async (identity, index) => {
      const worker = await workerOf(identity, ports[strategies[index] ?? 'alternating']);
      return { identity, worker };
    }),
  );
  if (!alternating || !inPlace) throw new Error('an identity is missing');
  actors = { alternating, 'in-place': inPlace };
}, 120_000);

afterAll(async () => {
  // Where the set-up failed its error is the one to see, and what it had started ends too.
  await Promise.all(Object.values(actors ?? {}).map(({ worker }) => worker.stop()));
  await cloud?.remove();
  await proxy?.stop();
  await server?.stop();
});

beforeEach(() => {
  looks = [];
});

async function watched(strategy: IdentityOptions['strategy'], port: number): Promise<SeededIdentity> {
  const identity = await seedIdentity(server, { id: `load-${strategy}`, strategy, port: proxy.port });
  const http = { id: 'worker', observe: 'http', url: `http://127.0.0.1:${port}/`, allowPrivate: true };
  return { ...identity, policy: { ...identity.policy, consumers: [http] } };
}

function workerOf(identity: SeededIdentity, port: number): Promise<WorkerProcess> {
  const env = {
    ...awsEnvironment(cloud.engine),
    SECRET_ID: identity.secret,
    CONSUMER_PORT: String(port),
    // Load without a pause would take the cores from the logins.
    QUERY_EVERY_MS: '20',
    LOGIN_EVERY_MS: '100',
  };
  return startWorker({ env });
}

/** The statement's answer waits until this has looked. Workers use the same roles under a name of their own. */
async function look({ phase, user, applicationName, sql }: StatementEvent): Promise<'pass'> {
  if (phase === 'before' || !applicationName.startsWith('gapless')) return 'pass';
  const about = Object.values(actors ?? {}).find(({ identity }) => user.startsWith(`${identity.database}_`));
  if (!about) return 'pass';
  const accepted = await acceptedVersion(cloud.vault, server, about.identity.secret);
  looks.push({ sql, found: accepted ? 'accepted' : 'locked out' });
  return 'pass';
}

function seenOf({ worker }: Actor): Promise<ConsumerSeen> {
  return consumers.observe({ id: 'worker', url: worker.url, allowPrivate: true }, 5_000);
}

async function rotated({ identity }: Actor, runId: string): Promise<RecordOf<'RunClosed'>> {
  await cloud.start('Rotation', runId, { identityId: identity.id, reason: 'a test' });
  await cloud.ended('Rotation', runId);
  const check = await verifyStoredRun(cloud.evidence, runId);
  if (check.state !== 'verified') throw new Error(JSON.stringify(check.first));
  const last = check.run.at(-1);
  if (last?.type !== 'RunClosed') throw new Error(`run ${runId} ends with ${last?.type ?? 'nothing'}`);
  return last;
}

test('alternating, twice under load: no call fails, and at no moment is there no accepted credential', async () => {
  const actor = actors.alternating;
  const before = await seenOf(actor);
  const logins = logInBackToBack(cloud.vault, server, actor.identity.secret);
  for (const runId of ['there', 'and-back'])
    expect(await rotated(actor, runId)).toMatchObject({ outcome: 'verified', level: 'L4' });
  const { count, periodMs, lockedOut } = await logins.end();
  const after = await seenOf(actor);
  const calls = (after.calls ?? 0) - (before.calls ?? 0);
  process.stdout.write(
    `alternating: ${looks.length} looks after statements; ${count} logins back to back, one every ${periodMs.toFixed(1)} ms; ${calls} calls of the worker\n`,
  );
  expect(looks.filter(({ found }) => found === 'locked out')).toEqual([]);
  expect(looks.filter(({ sql }) => sql.startsWith('ALTER ROLE')).length).toBeGreaterThanOrEqual(4);
  expect({ lockedOut, failedCalls: after.failedCalls }).toEqual({ lockedOut: 0, failedCalls: 0 });
  expect([count > 50, calls > 50]).toEqual([true, true]);
}, 120_000);

test('in-place, under load: the gap of its consumers is measured, and there is an accepted credential throughout', async () => {
  const actor = actors['in-place'];
  const logins = logInBackToBack(cloud.vault, server, actor.identity.secret);
  const { outcome, level, unavailableSeconds } = await rotated(actor, 'gap');
  const { count, periodMs, lockedOut } = await logins.end();
  const { failedCalls, longestFailureMs } = await seenOf(actor);
  process.stdout.write(
    `in-place: a gap of ${unavailableSeconds} s by the record, ${longestFailureMs} ms and ${failedCalls} failed calls by the worker; ${looks.length} looks after statements; ${count} logins back to back, one every ${periodMs.toFixed(1)} ms\n`,
  );
  expect({ outcome, level, lockedOut }).toEqual({ outcome: 'verified', level: 'L4', lockedOut: 0 });
  expect(looks.filter(({ found }) => found === 'locked out')).toEqual([]);
  expect(looks.filter(({ sql }) => sql.startsWith('ALTER ROLE')).length).toBeGreaterThanOrEqual(1);
  expect(unavailableSeconds).toEqual(expect.any(Number));
}, 120_000);

test('where the roles are barred by hand the logins see it: the control of the claims above', async () => {
  const { secret, roles } = actors['in-place'].identity;
  await server.sql(`ALTER ROLE ${roles.join()} NOLOGIN`);
  const logins = logInBackToBack(cloud.vault, server, secret);
  expect(await acceptedVersion(cloud.vault, server, secret)).toBeUndefined();
  expect((await logins.end()).lockedOut).toBeGreaterThan(0);
});
