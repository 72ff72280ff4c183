import type { EvidenceStore } from '../../core/ports/evidence-store';
import type { RunSummary } from '../../core/ports/registry';
import { verifyStoredRun } from '../../core/evidence/verify';
import { enrol } from '../../lambdas/steps/sweep/enrol';
import { meeting, type Moment } from '../support/meeting';
import { memoryApp, type MemoryApp } from '../support/memory-app';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { seedIdentity, storeSecrets, type SeededIdentity } from '../support/postgres-identity';
import { startPostgresProxy, type PostgresProxy } from '../support/postgres-proxy';
import { quietSteps } from '../support/quiet';
import { livingViolations } from '../support/revocation-oracle';
import { settled, type Scene } from '../support/rotation-scene';

quietSteps();

let server: TestPostgres;
let proxy: PostgresProxy;
beforeAll(async () => {
  server = await testPostgres();
  proxy = await startPostgresProxy({ target: server });
});
afterEach(async () => proxy.setReachable('open'));
afterAll(async () => {
  await proxy.stop();
  await server.stop();
});

const RUN = 'the-emergency';

interface Meddling {
  readonly at: Pick<Moment, 'record' | 'side'>;
  readonly act: (identity: SeededIdentity) => Promise<unknown>;
}

async function scene(id: string, meddling?: Meddling): Promise<Scene> {
  const identity = await seedIdentity(server, { id, strategy: 'alternating', port: proxy.port });
  const holder: { app?: MemoryApp; evidence?: EvidenceStore } = {};
  const app = await memoryApp([identity.policy], (deps) => {
    holder.evidence ??= meddling
      ? meeting(deps.evidence, { runId: RUN, ...meddling.at }, () => meddling.act(identity))
      : deps.evidence;
    const sleep = async (ms: number) => holder.app?.clock.advance(ms);
    return { deps: { ...deps, evidence: holder.evidence, sleep }, died: new Promise(() => undefined) };
  });
  holder.app = app;
  storeSecrets(app.vault, identity);
  await enrol(app.deps);
  return { app, identity };
}

async function revoke({ app, identity }: Scene): Promise<Record<string, unknown>> {
  return app.passing(app.run('Revocation', RUN, { identityId: identity.id, reason: 'in trouble' }));
}

async function runsOf({ app, identity }: Scene): Promise<readonly RunSummary[]> {
  return app.deps.registry.runs({ identityId: identity.id, limit: 50 });
}

async function paidBySettle(given: Scene): Promise<void> {
  const { app, identity } = given;
  await settled(given);
  expect(await livingViolations(app.deps, server, identity)).toEqual([]);
  const paying = (await runsOf(given)).filter(
    ({ kind, outcome }) => kind === 'settle' && outcome === 'verified',
  );
  expect(paying.map(({ about }) => about)).toContain(RUN);
  await app.stop();
}

const admin = ({ database }: SeededIdentity) => `${database}_admin`;
const control = ({ database }: SeededIdentity) => `${database}_control`;

describe('a revocation whose target cannot be reached', () => {
  it('stays owed, has its broken deadline recorded to the second, and is paid by Settle once it can', async () => {
    const given = await scene('unreachable-db');
    const { app, identity } = given;
    await proxy.setReachable('closed');
    expect(await revoke(given)).toMatchObject({
      status: 'FAILED',
      error: 'TargetUnreachable',
      cause: expect.stringContaining('did not answer'),
    });
    expect(await app.deps.registry.summary(RUN)).toMatchObject({ outcome: 'revoke-pending', level: 'L0' });
    const [owed] = await app.deps.registry.obligationsOf(identity.id);
    expect(owed).toMatchObject({ type: 'refusal', by: 'revocation', runId: RUN });
    for (let minute = 0; minute < 8; minute += 1) {
      await app.clock.advance(60_000);
      await app.passing(app.settle());
    }
    const breach = (await runsOf(given)).find(({ kind }) => kind === 'breach');
    expect(breach).toMatchObject({ about: RUN, outcome: 'revoke-pending' });
    const check = await verifyStoredRun(app.deps.evidence, breach?.runId ?? '');
    if (check.state !== 'verified') throw new Error(JSON.stringify(check.first));
    const opened = await verifyStoredRun(app.deps.evidence, RUN);
    const first = opened.state === 'verified' ? opened.run[0] : undefined;
    const requestedAt = first?.type === 'RunOpened' ? first.requestedAt : '';
    expect(check.run[1]).toMatchObject({
      type: 'Breached',
      deadline: new Date(Date.parse(requestedAt) + 5 * 60_000).toISOString(),
    });
    expect(
      (await runsOf(given)).filter(({ kind, outcome }) => kind === 'settle' && outcome === 'verified'),
    ).toEqual([]);
    await proxy.setReachable('open');
    await paidBySettle(given);
  }, 120_000);
});

describe('a revocation is not green, and Settle finishes it later without a person, when', () => {
  it('the admin has no rights at the target', async () => {
    const given = await scene('powerless-db');
    await server.sql(`ALTER ROLE ${admin(given.identity)} NOCREATEROLE`);
    expect(await revoke(given)).toMatchObject({ status: 'FAILED', error: 'AdminRightsMissing' });
    expect(await given.app.deps.registry.summary(RUN)).toMatchObject({ outcome: 'revoke-pending' });
    await server.sql(`ALTER ROLE ${admin(given.identity)} CREATEROLE`);
    await paidBySettle(given);
  }, 120_000);

  it('the control credential is refused, so that nothing can be proven', async () => {
    const given = await scene('controlless-db', {
      at: { record: 'Contain ChangeMade', side: 'after' },
      act: (identity) => server.sql(`ALTER ROLE ${control(identity)} NOLOGIN`),
    });
    expect(await revoke(given)).toMatchObject({ status: 'FAILED' });
    const summary = await given.app.deps.registry.summary(RUN);
    expect(summary?.outcome).toBe('revoke-pending');
    await server.sql(`ALTER ROLE ${control(given.identity)} LOGIN`);
    await paidBySettle(given);
  }, 120_000);
});

describe('a revocation whose admin loses its rights between the containment and the removal', () => {
  it('is verified, because everything is proven refused, and owes the removal', async () => {
    const given = await scene('halfway-db', {
      at: { record: 'ProveRefused Judged', side: 'after' },
      act: (identity) => server.sql(`ALTER ROLE ${admin(identity)} NOCREATEROLE`),
    });
    expect(await revoke(given)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await given.app.deps.registry.summary(RUN)).toMatchObject({ outcome: 'verified', level: 'L4' });
    expect(await given.app.deps.registry.obligationsOf(given.identity.id)).toMatchObject([
      { type: 'removal', by: 'revocation' },
    ]);
    await given.app.stop();
  }, 120_000);
});

describe('a credential that works again after it was contained', () => {
  it('is contained once more, and only then the run is verified', async () => {
    const given = await scene('revived-db', {
      at: { record: 'Contain ChangeMade', side: 'after' },
      act: async (identity) => {
        const material = identity.secrets[identity.secret]?.material;
        const role = identity.roles[0] ?? '';
        await server.sql(`ALTER ROLE ${role} LOGIN PASSWORD '${material?.reveal('password') ?? ''}'`);
      },
    });
    expect(await revoke(given)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await given.app.deps.registry.summary(RUN)).toMatchObject({ outcome: 'verified', level: 'L4' });
    const proofs = await given.app.deps.evidence.read('PROOF', RUN);
    expect(proofs.map(({ body }) => /"finding":"(\w+)"/.exec(body)?.[1])).toEqual(['disproven', 'proven']);
    expect(await livingViolations(given.app.deps, server, given.identity)).toEqual([]);
    await given.app.stop();
  }, 120_000);
});
