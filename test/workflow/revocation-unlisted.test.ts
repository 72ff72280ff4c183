import { enrol } from '../../lambdas/steps/sweep/enrol';
import { memoryApp, type MemoryApp } from '../support/memory-app';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { seedIdentity, type SeededIdentity } from '../support/postgres-identity';
import { startPostgresProxy, type PostgresProxy } from '../support/postgres-proxy';
import { quietSteps } from '../support/quiet';
import { livingViolations } from '../support/revocation-oracle';
import { settled } from '../support/rotation-scene';

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

const MINUTE_MS = 60_000;

/** The oracle asks for versions, too; the material that it logs in with is what the identity was seeded with. */
const gone = {
  labels: async () => ({ current: undefined, pending: undefined, previous: undefined }),
  read: async () => undefined,
  readCurrent: async () => Promise.reject(new Error('the secret is gone')),
};

/** An identity whose secret is gone, so that only its target can say what lives of it. */
async function withoutSecret(id: string): Promise<{ app: MemoryApp; identity: SeededIdentity }> {
  const identity = await seedIdentity(server, { id, strategy: 'in-place', port: proxy.port });
  const holder: { app?: MemoryApp } = {};
  const app = await memoryApp([identity.policy], (deps) => {
    return {
      deps: { ...deps, sleep: async (ms: number) => holder.app?.clock.advance(ms) },
      died: new Promise(() => undefined),
    };
  });
  holder.app = app;
  for (const [secret, { use, material }] of Object.entries(identity.secrets))
    if (use !== 'identity') app.vault.create(secret, `v-${use}`, material);
  await enrol(app.deps);
  return { app, identity };
}

async function revoke(app: MemoryApp, runId: string, { id }: SeededIdentity) {
  return app.passing(app.run('Revocation', runId, { identityId: id, reason: 'the secret was deleted' }));
}

describe('an identity of which no version is known, while its target is away', () => {
  it('owes the listing past its deadline, and what is found then is contained and proven by Settle', async () => {
    const { app, identity } = await withoutSecret('unlisted-db');
    const { registry } = app.deps;
    await proxy.setReachable('closed');
    for (const runId of ['first', 'second']) {
      expect(await revoke(app, runId, identity)).toMatchObject({
        status: 'FAILED',
        error: 'TargetUnreachable',
      });
      expect(await registry.summary(runId)).toMatchObject({ outcome: 'revoke-pending' });
    }
    expect(await registry.obligationsOf(identity.id)).toMatchObject([
      { versionId: 'unlisted', type: 'refusal', by: 'revocation', runId: 'first' },
    ]);
    for (let minute = 0; minute < 8; minute += 1) {
      await app.clock.advance(MINUTE_MS);
      await app.passing(app.settle());
    }
    const runs = async () => registry.runs({ identityId: identity.id, limit: 50 });
    expect((await runs()).filter(({ kind }) => kind === 'breach')).toMatchObject([{ about: 'first' }]);

    await proxy.setReachable('open');
    await settled({ app, identity });
    expect(await livingViolations({ ...app.deps, vault: gone }, server, identity)).toEqual([]);
    expect((await runs()).find(({ outcome }) => outcome === 'verified')).toMatchObject({
      kind: 'settle',
      about: 'first',
      level: 'L2',
    });
    await app.stop();
  }, 120_000);

  it('owes nothing any more once its target lists nothing of it, and says so', async () => {
    const { app, identity } = await withoutSecret('vanished-db');
    await proxy.setReachable('closed');
    await revoke(app, 'first', identity);
    await server.sql(`ALTER ROLE ${identity.roles[0]} RENAME TO of_nobody`);
    await proxy.setReachable('open');
    expect(await revoke(app, 'second', identity)).toMatchObject({ error: 'NothingToRevoke' });
    expect(await app.deps.registry.obligationsOf(identity.id)).toEqual([]);
    await app.stop();
  }, 120_000);
});
