import { X509Certificate } from 'node:crypto';
import * as z from 'zod/mini';
import { letIn, edges } from '../../apps/local/target/key-service/identity';
import { greet } from '../../apps/local/target/mtls/start';
import { gapless, launch, type Ended } from '../support/cli';
import { eventually } from '../support/eventually';
import { login } from '../support/oracle';
import { quietSteps } from '../support/quiet';
import { useCases, type UseCases } from '../support/use-case-scene';

quietSteps();

const MINUTE_MS = 60_000;
const CACHE_MS = 6_000;
const told = z.looseObject({ runId: z.string(), outcome: z.string(), proofLevel: z.string() });
const observed = z.looseObject({
  operation: z.string(),
  path: z.string(),
  verdict: z.looseObject({ state: z.string() }),
});
const record = z.looseObject({
  type: z.string(),
  stage: z.string(),
  at: z.string(),
  observed: z.optional(z.array(observed)),
  sessions: z.optional(z.nullable(z.looseObject({ after: z.nullable(z.number()) }))),
  firstStableRefusalAt: z.optional(z.nullable(z.string())),
});
type Told = z.infer<typeof record>;

let all: UseCases;
beforeAll(async () => {
  all = await useCases();
}, 300_000);
afterAll(() => all?.stop(), 60_000);

function asked(command: 'rotate' | 'revoke', id: string): readonly string[] {
  const args = [command, id, '--reason', 'a use case', '--json'];
  return command === 'revoke' ? [...args, '--actor', 'ada', '--confirm', id] : args;
}

const documentOf = ({ stdout, stderr }: Ended) => {
  if (stdout === '') throw new Error(stderr);
  return told.parse(JSON.parse(stdout));
};

/** The records of a run as an auditor reads them; every hash and link of both chains holds. */
async function evidenceOf(runId: string): Promise<readonly Told[]> {
  const [verified, shown] = await Promise.all([
    gapless(['evidence', 'verify', runId], all.folder),
    gapless(['evidence', 'show', runId, '--json'], all.folder),
  ]);
  if (verified.code !== 0) throw new Error(verified.stderr);
  return z.object({ records: z.array(record) }).parse(JSON.parse(shown.stdout)).records;
}

function judgedIn(records: readonly Told[], stage: string): Told | undefined {
  return records.findLast((each) => each.type === 'Judged' && each.stage === stage);
}

/** Starts a run that waits for retries, and lets time pass until it has ended. */
async function throughRetries(command: 'rotate' | 'revoke', id: string): Promise<Ended> {
  const running = launch('gapless.js', asked(command, id), all.folder);
  const machine = command === 'rotate' ? 'Rotation' : 'Revocation';
  const open = async () => (await all.cloud.registry.openRuns()).find(({ identityId }) => identityId === id);
  const run = await eventually(open, (found) => found !== undefined, MINUTE_MS);
  await all.cloud.ended(machine, run?.runId ?? '');
  return running.ended;
}

const ms = (time: string | null | undefined) => Date.parse(time ?? '');

describe('use case 7: rotated in the store, the token cached in memory', () => {
  it('the old token is refused at the resource, and the runner is seen on the new one', async () => {
    const { identity, runner } = all.obeying;
    const cached = await all.oauth.accessToken(identity.first, 'introspected');
    expect([await runner.work(), await all.oauth.use(cached, 'introspected')]).toEqual([200, 200]);
    const ended = await gapless(asked('rotate', identity.id), all.folder);
    const { runId, ...run } = documentOf(ended);
    expect(run).toMatchObject({ outcome: 'verified', proofLevel: 'L4' });
    const records = await evidenceOf(runId);
    expect(judgedIn(records, 'ConfirmNew')).toMatchObject({
      consumers: [{ consumer: 'runner', state: 'onNew' }],
    });
    expect(judgedIn(records, 'ProveOld')).toMatchObject({ finding: 'proven', sessions: { after: 0 } });
    expect([await all.oauth.use(cached, 'introspected'), await runner.work()]).toEqual([401, 200]);
  }, 180_000);

  it('a runner that goes on with the token it has keeps the run from being green', async () => {
    const { identity, runner } = all.ignoring;
    const { stderr, ...ended } = await throughRetries('rotate', identity.id);
    expect(documentOf({ ...ended, stderr })).toMatchObject({
      outcome: 'rolled-back',
      cause: expect.stringMatching(/not seen on the new version: runner/),
    });
    expect({ code: ended.code, works: await runner.work() }).toEqual({ code: 3, works: 200 });
  }, 180_000);
});

describe('use case 11: an API key invalid across all systems that take it', () => {
  it('each path refuses the revoked key, and the slowest one sets the recorded time', async () => {
    const { first, id } = all.shared;
    await all.keys.turn({ cacheMs: CACHE_MS });
    const filledAt = all.cloud.engine.clock.now();
    expect(await letIn(all.keys, first.key)).toEqual(['service', ...edges]);
    const { runId, ...run } = documentOf(await gapless(asked('revoke', id), all.folder));
    expect(run).toMatchObject({ outcome: 'verified', proofLevel: 'L4', deadline: { kept: true } });
    expect(await letIn(all.keys, first.key)).toEqual([]);
    const records = await evidenceOf(runId);
    const judged = judgedIn(records, 'ProveRefused');
    const old = judged?.observed?.filter(({ operation }) => operation === 'old') ?? [];
    const paths = ['direct', ...edges.map((edge) => `at-${edge}`)];
    expect(old.map(({ path, verdict }) => `${path} ${verdict.state}`)).toEqual(
      paths.map((path) => `${path} refused`),
    );
    // The two paths that keep answers let it in until what they keep is too old; the run's time is theirs.
    expect(ms(judged?.firstStableRefusalAt)).toBeGreaterThanOrEqual(filledAt + CACHE_MS);
    await all.keys.turn({ cacheMs: 0 });
  }, 180_000);
});

describe('use case 13: a certificate rotated in the vault, and the workloads', () => {
  it('the new pair is served, the old client gets no byte, and its connections are closed', async () => {
    const { first, id, policy } = all.certificate;
    const held = await Promise.all([all.mtls.open(first), all.mtls.open(first)]);
    const { runId, ...run } = documentOf(await gapless(asked('rotate', id), all.folder));
    expect(run).toMatchObject({ outcome: 'verified', proofLevel: 'L4' });
    const { material } = await all.cloud.vault.readCurrent(policy.secret);
    const fresh = await all.mtls.open(material);
    const served = new X509Certificate(material.reveal('serverCertificate') ?? '').fingerprint256;
    expect(fresh.getPeerX509Certificate()?.fingerprint256).toBe(served);
    fresh.destroy();
    expect([await all.mtls.whoami(first), await all.mtls.whoami(material)]).toEqual([401, 200]);
    expect(await Promise.all(held.map(async (socket) => greet(socket)))).toEqual(['closed', 'closed']);
    expect(judgedIn(await evidenceOf(runId), 'ProveOld')).toMatchObject({
      finding: 'proven',
      sessions: { after: 0, method: 'counted' },
    });
  }, 180_000);
});

describe('use case 1: a 30-day rotation that reaches the application', () => {
  it('found due by the schedule: new login, worker on it, old login refused, old sessions 0', async () => {
    const { account, cloud, postgres } = all;
    const old = account.secrets[account.secret]?.material;
    const run = async () => (await cloud.registry.runs({ identityId: account.id, limit: 1 }))[0];
    for (let minute = 0; minute < 6 && !(await run()); minute += 1) await cloud.engine.advance(MINUTE_MS);
    await cloud.untilSettled([account.id], 5);
    const found = await run();
    expect(found).toMatchObject({ kind: 'rotation', outcome: 'verified', level: 'L4' });
    const records = await evidenceOf(found?.runId ?? '');
    expect(records[0]).toMatchObject({ type: 'RunOpened', trigger: 'schedule' });
    expect(judgedIn(records, 'ProveNew')).toMatchObject({ finding: 'proven' });
    const { versionId, material } = await cloud.vault.readCurrent(account.secret);
    expect(judgedIn(records, 'ConfirmNew')).toMatchObject({
      consumers: [{ consumer: 'orders-worker', state: 'onNew' }],
    });
    expect(await (await fetch(new URL('/gapless/consumer', all.worker.url))).json()).toMatchObject({
      versionId,
      failedCalls: 0,
    });
    expect(judgedIn(records, 'ProveOld')).toMatchObject({ finding: 'proven', sessions: { after: 0 } });
    expect([old && (await login(postgres, old)), await login(postgres, material)]).toEqual([
      '28P01',
      'accepted',
    ]);
  }, 180_000);
});

describe('use case 5: an emergency while the revoke endpoint is down', () => {
  it('the block in front is proven at once, the deadline is broken on record, and a final refusal pays', async () => {
    const { cloud, folder, keys, legacy } = all;
    await keys.turn({ trouble: 'unavailable' });
    const ended = await throughRetries('revoke', legacy.id);
    const { runId, outcome } = documentOf(ended);
    expect({ code: ended.code, outcome }).toEqual({ code: 3, outcome: 'revoke-pending' });
    const records = await evidenceOf(runId);
    const proven = records.find((each) => each.type === 'Judged')?.observed ?? [];
    expect(
      proven.find(({ operation, path }) => operation === 'old' && path === 'at-partner')?.verdict,
    ).toEqual({ state: 'refused', signal: 'gateway block' });
    const tries = records.filter(({ type, stage }) => type === 'ChangeMade' && stage === 'Contain');
    expect(tries.length).toBeGreaterThanOrEqual(3);
    expect(await letIn(keys, legacy.first.key)).toEqual(['service', 'orders', 'search', 'proxy']);

    const runs = async () => cloud.registry.runs({ identityId: legacy.id, limit: 50 });
    const broken = async () => (await runs()).filter(({ kind }) => kind === 'breach');
    for (let minute = 0; minute < 8 && (await broken()).length === 0; minute += 1)
      await cloud.engine.advance(MINUTE_MS);
    expect(await broken()).toMatchObject([{ about: runId }]);
    const owed = await gapless(['obligations', '--identity', legacy.id, '--json'], folder);
    expect({ code: owed.code, ...JSON.parse(owed.stdout) }).toMatchObject({ code: 4, overdue: 1 });

    await keys.turn({ trouble: 'none' });
    await cloud.untilSettled([legacy.id], 30);
    expect(await cloud.registry.obligationsOf(legacy.id)).toEqual([]);
    expect(await letIn(keys, legacy.first.key)).toEqual([]);
    const paid = (await runs()).find(({ kind, outcome: how }) => kind === 'settle' && how === 'verified');
    expect(paid).toMatchObject({ about: runId });
    const last = (await evidenceOf(paid?.runId ?? '')).findLast(({ type }) => type === 'Judged');
    expect(last).toMatchObject({ finding: 'proven' });
  }, 300_000);
});
