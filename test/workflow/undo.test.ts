import type { Client } from 'pg';
import type { ConsumerPort } from '../../core/consumer';
import type { Material } from '../../core/material';
import { login, violations } from '../support/oracle';
import { testPostgres, type TestPostgres } from '../support/postgres';
import type { SeededIdentity } from '../support/postgres-identity';
import { startPostgresProxy, type PostgresProxy } from '../support/postgres-proxy';
import { quietSteps } from '../support/quiet';
import {
  rotate,
  rotationScene,
  RUN,
  settled,
  strategies,
  type Meddling,
  type Scene,
} from '../support/rotation-scene';

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

let serial = 0;

async function scene(strategy: (typeof strategies)[number], meddling: Meddling = {}): Promise<Scene> {
  serial += 1;
  return rotationScene(server, { id: `undo-${serial}`, strategy, port: proxy.port }, meddling);
}

const admin = ({ database }: SeededIdentity) => `${database}_admin`;
/** The role that a rotation's new credential is for. */
const candidateRole = (identity: SeededIdentity) => identity.roles.at(-1) ?? '';

/** What the identity starts with. */
function first({ secrets, secret }: SeededIdentity): Material {
  const start = secrets[secret]?.material;
  if (start) return start;
  throw new Error(`no material for ${secret}`);
}

async function versionsThatWork({ app, identity }: Scene): Promise<number> {
  const { current, pending, previous } = await app.vault.labels(identity.secret);
  const owed = (await app.deps.registry.obligationsOf(identity.id)).map(({ versionId }) => versionId);
  let working = 0;
  for (const id of new Set([current, pending, previous, ...owed])) {
    const material = id === undefined ? undefined : await app.vault.read(identity.secret, id);
    if (material && (await login(server, material)) === 'accepted') working += 1;
  }
  return working;
}

async function summary({ app }: Scene) {
  return app.deps.registry.summary(RUN);
}

async function expectClean({ app, identity }: Scene): Promise<void> {
  expect(await violations(app.deps, server, identity)).toEqual([]);
  await app.stop();
}

describe.each(strategies)(
  'with the strategy %s, a rotation is undone and the old credential works, when',
  (strategy) => {
    it('somebody changed the new password at the target', async () => {
      const change = ({ identity }: Scene) =>
        server.sql(`ALTER ROLE ${candidateRole(identity)} PASSWORD 'changed by hand'`);
      const given = await scene(strategy, { afterApply: change });
      expect(await rotate(given)).toMatchObject({
        status: 'FAILED',
        error: 'NewNotAccepted',
        cause: expect.stringContaining('was refused'),
      });
      expect(await summary(given)).toMatchObject({ outcome: 'rolled-back', level: 'L3' });
      expect(await login(server, first(given.identity))).toBe('accepted');
      await settled(given);
      await expectClean(given);
    });

    it('a consumer that reports its version stays on the old one', async () => {
      const consumers: ConsumerPort = {
        observe: async () => ({ versionId: 'an-older-version', failedCalls: 0 }),
        reload: async () => 'accepted',
      };
      const policy = {
        consumers: [
          { id: 'orders-api', observe: 'http', url: 'http://127.0.0.1:9/gapless', allowPrivate: true },
        ],
      };
      const given = await scene(strategy, { consumers, policy });
      expect(await rotate(given)).toMatchObject({
        error: 'ConsumersBehind',
        cause: expect.stringContaining('orders-api (reports an-older-version)'),
      });
      expect(await summary(given)).toMatchObject({ outcome: 'rolled-back', level: 'L3' });
      expect(await login(server, first(given.identity))).toBe('accepted');
      await settled(given);
      await expectClean(given);
    });

    it('no session of a consumer is seen on the new one', async () => {
      const given = await scene(strategy, {
        policy: { consumers: [{ id: 'orders-api', observe: 'target-sessions' }] },
      });
      expect(await rotate(given)).toMatchObject({
        error: 'ConsumersBehind',
        cause: expect.stringContaining('no session on the new version'),
      });
      expect(await summary(given)).toMatchObject({ outcome: 'rolled-back', level: 'L3' });
      await settled(given);
      await expectClean(given);
    });
  },
);

async function close(): Promise<void> {
  await proxy.setReachable('closed');
  proxy.cutAll();
}

describe.each(strategies)('with the strategy %s, a target that cannot be reached any more', (strategy) => {
  it.each([
    ['once the new credential is applied', { afterApply: close }],
    ['once the new credential is current', { afterPromote: close }],
  ])('%s leaves the run open about it, and Settle finishes when it is back', async (_when, meddling) => {
    const given = await scene(strategy, meddling);
    const answer = await rotate(given);
    expect(answer).toMatchObject({ status: 'FAILED' });
    expect(answer['cause']).toMatch(/could not tell|did not answer/);
    expect(await summary(given)).toMatchObject({ outcome: 'revoke-pending' });
    expect(await versionsThatWork(given)).toBeGreaterThanOrEqual(1);
    await given.app.clock.advance(10 * 60_000);
    await given.app.passing(given.app.settle());
    expect(await given.app.deps.registry.obligationsOf(given.identity.id)).not.toEqual([]);
    await proxy.setReachable('open');
    await settled(given);
    await expectClean(given);
  });
});

describe('an old credential that holds on', () => {
  it('reconnects until Retire and is refused from then on', async () => {
    const given = await scene('alternating');
    const attacker = { on: 'yes' as 'yes' | 'no', logins: 0 };
    const password = first(given.identity).reveal('password') ?? '';
    const database = given.identity.database;
    const user = given.identity.roles[0] ?? '';
    const loop = (async () => {
      const held: Client[] = [];
      while (attacker.on === 'yes') {
        const session = await server.open({ user, password, database }).catch(() => undefined);
        if (session) {
          held.push(session);
          attacker.logins += 1;
        }
        // The server has a hundred slots; the attacker wants to stay in, not to fill it.
        if (held.length > 20)
          await held
            .shift()
            ?.end()
            .catch(() => undefined);
      }
    })();
    const answer = await rotate(given).finally(() => {
      attacker.on = 'no';
    });
    await loop;
    expect(answer).toMatchObject({ status: 'SUCCEEDED' });
    expect(attacker.logins).toBeGreaterThan(0);
    expect(await login(server, first(given.identity))).toBe('28P01');
    expect(await summary(given)).toMatchObject({ outcome: 'verified', level: 'L4' });
    await expectClean(given);
  });

  it.each(strategies)(
    'with %s, is owed while its session cannot be ended, and paid by a run about it',
    async (strategy) => {
      const given = await scene(strategy, {
        afterPromote: ({ identity }) => server.sql(`REVOKE pg_signal_backend FROM ${admin(identity)}`),
      });
      const password = first(given.identity).reveal('password') ?? '';
      const database = given.identity.database;
      const held = await server.open({ user: given.identity.roles[0] ?? '', password, database });
      expect(await rotate(given)).toMatchObject({ status: 'FAILED', error: 'AdminRightsMissing' });
      expect(await summary(given)).toMatchObject({ outcome: 'revoke-pending' });
      const [owed] = await given.app.deps.registry.obligationsOf(given.identity.id);
      expect(owed).toMatchObject({ type: 'refusal', runId: RUN });
      expect(await versionsThatWork(given)).toBe(1);
      expect(await held.query('SELECT 1')).toMatchObject({ rowCount: 1 });
      await server.sql(`GRANT pg_signal_backend TO ${admin(given.identity)}`);
      await settled(given);
      const runs = await given.app.deps.registry.runs({ identityId: given.identity.id, limit: 10 });
      expect(runs[0]).toMatchObject({ kind: 'settle', about: RUN, outcome: 'verified', level: 'L4' });
      expect(await summary(given)).toMatchObject({ outcome: 'revoke-pending' });
      await expect(held.query('SELECT 1')).rejects.toThrow();
      await expectClean(given);
    },
  );
});
