import type { Client } from 'pg';
import type { ConsumerPort } from '../../core/consumer';
import { Failure } from '../../core/failure';
import { login, violations } from '../support/oracle';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { startPostgresProxy, type PostgresProxy } from '../support/postgres-proxy';
import { quietSteps } from '../support/quiet';
import { rotate, rotationScene, RUN, settled, type Meddling, type Scene } from '../support/rotation-scene';

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

async function scene(strategy: 'alternating' | 'in-place', meddling: Meddling): Promise<Scene> {
  serial += 1;
  return rotationScene(server, { id: `hand-${serial}`, strategy, port: proxy.port }, meddling);
}

const admin = ({ identity }: Scene) => `${identity.database}_admin`;
const forbidEnding = (given: Scene) => server.sql(`REVOKE pg_signal_backend FROM ${admin(given)}`);
const allowEnding = (given: Scene) => server.sql(`GRANT pg_signal_backend TO ${admin(given)}`);

/** Opens a session with what the vault says is current, under the name of a client. */
async function connected({ app, identity }: Scene, client: string): Promise<Client> {
  const { material } = await app.vault.readCurrent(identity.secret);
  const password = material.reveal('password') ?? '';
  const user = material.reveal('username') ?? '';
  return server.open({ user, password, database: identity.database, application_name: client });
}

async function currentWorks({ app, identity }: Scene): Promise<string> {
  return login(server, (await app.vault.readCurrent(identity.secret)).material);
}

async function owed({ app, identity }: Scene) {
  return app.deps.registry.obligationsOf(identity.id);
}

async function expectClean({ app, identity }: Scene): Promise<void> {
  expect(await violations(app.deps, server, identity)).toEqual([]);
  await app.stop();
}

/** A candidate that was applied and then not reached any more, whose run went back without taking its label off. */
async function labelLeft(): Promise<Scene & { readonly pending: string }> {
  const given = await scene('in-place', {
    afterApply: async () => {
      await proxy.setReachable('closed');
      proxy.cutAll();
    },
    beforeRecord: ({ stage, runId }) => {
      if (stage === 'PromoteBack' && runId === RUN)
        throw new Failure('StoreUnavailable', 'The table does not answer.', 'none');
    },
  });
  expect(await rotate(given)).toMatchObject({ status: 'FAILED' });
  const { pending = '' } = await given.app.vault.labels(given.identity.secret);
  await proxy.setReachable('open');
  return { ...given, pending };
}

describe('the credential that somebody made current by hand works in the end', () => {
  it('when the label was moved back to the old one in the middle of a rotation', async () => {
    const given = await scene('alternating', {
      afterPromote: async ({ app, identity }) => {
        const { current = '', previous = '' } = await app.vault.labels(identity.secret);
        await app.vault.promote(identity.secret, previous, current);
      },
    });
    await rotate(given);
    expect(await currentWorks(given)).toBe('accepted');
    await settled(given);
    expect(await currentWorks(given)).toBe('accepted');
    await given.app.stop();
  });

  it.each(['alternating', 'in-place'] as const)(
    'when the label was moved back (%s) after the old one had been made unusable, and is then owed nothing',
    async (strategy) => {
      const given = await scene(strategy, { afterPromote: forbidEnding });
      const { app, identity } = given;
      await connected(given, 'old');
      expect(await rotate(given)).toMatchObject({ error: 'AdminRightsMissing' });
      const { current = '', previous = '' } = await app.vault.labels(identity.secret);
      await app.vault.promote(identity.secret, previous, current);
      expect(await currentWorks(given)).toBe('28P01');
      await settled(given);
      expect(await currentWorks(given)).toBe('accepted');
      expect(await owed(given)).toEqual([]);
      const [newest] = await app.deps.registry.runs({ identityId: identity.id, limit: 1 });
      expect(newest?.cause).toContain('the target accepts it again');
      await app.stop();
    },
  );

  it('when a new password was set while the refusal of an older one is owed', async () => {
    const given = await scene('in-place', { afterPromote: forbidEnding });
    const { app, identity } = given;
    await connected(given, 'old');
    expect(await rotate(given)).toMatchObject({ error: 'AdminRightsMissing' });
    const byHand = (await app.vault.readCurrent(identity.secret)).material.with({ password: 'set by hand' });
    const { current = '' } = await app.vault.labels(identity.secret);
    await server.sql(`ALTER ROLE ${identity.roles[0]} PASSWORD 'set by hand'`);
    await app.vault.putPending(identity.secret, 'by-hand', byHand);
    await app.vault.promote(identity.secret, 'by-hand', current);
    await app.vault.dropPending(identity.secret, 'by-hand');
    await allowEnding(given);
    await settled(given);
    expect(await app.vault.labels(identity.secret)).toMatchObject({ current: 'by-hand' });
    expect(await currentWorks(given)).toBe('accepted');
    await app.stop();
  });
});

describe('what a rotation left behind', () => {
  it('is paid while a pool stays connected with the new password', async () => {
    const given = await scene('in-place', {
      policy: { consumers: [{ id: 'pool', observe: 'target-sessions', client: 'pool' }] },
      afterPromote: async (then) => {
        await connected(then, 'pool');
        await forbidEnding(then);
      },
    });
    await connected(given, 'old');
    expect(await rotate(given)).toMatchObject({ error: 'AdminRightsMissing' });
    expect(await owed(given)).toHaveLength(1);
    await allowEnding(given);
    await settled(given);
    expect(await owed(given)).toEqual([]);
    const [newest] = await given.app.deps.registry.runs({ identityId: given.identity.id, limit: 10 });
    expect(newest).toMatchObject({ kind: 'settle', about: RUN, outcome: 'verified' });
    await expectClean(given);
  });

  it('is no session of the abandoned candidate, though the record of the undo was lost', async () => {
    const behind: ConsumerPort = {
      observe: async () => ({ versionId: 'an-older-version', failedCalls: 0 }),
      reload: async () => 'accepted',
    };
    const url = 'http://127.0.0.1:9/gapless';
    const held: Client[] = [];
    let lost = 0;
    const given = await scene('in-place', {
      policy: { consumers: [{ id: 'api', observe: 'http', url, allowPrivate: true }] },
      consumers: behind,
      afterPromote: async (then) => held.push(await connected(then, 'thief')),
      // As often as a state is tried when a store does not answer.
      beforeRecord: (record) => {
        if (record.type !== 'ChangeMade' || record.stage !== 'Reinstate' || lost === 4) return;
        // That the run turns back is on record before anything is undone.
        if (record.effect === 'notApplicable') return;
        lost += 1;
        throw new Failure('StoreUnavailable', 'The table does not answer.', 'unknown');
      },
    });
    expect(await rotate(given)).toMatchObject({ error: 'ConsumersBehind' });
    await settled(given);
    expect(lost).toBe(4);
    expect(held).toHaveLength(1);
    await expect(held[0]?.query('SELECT 1')).rejects.toThrow();
    expect(await given.app.deps.registry.summary(RUN)).toMatchObject({ outcome: 'rolled-back' });
    await expectClean(given);
  });

  it('stays owed where somebody took the label off an applied candidate until the vault forgot it', async () => {
    const given = await labelLeft();
    const { app, identity, pending } = given;
    await app.vault.dropPending(identity.secret, pending);
    const read = app.vault.read.bind(app.vault);
    app.vault.read = async (secret, versionId) =>
      versionId === pending ? undefined : read(secret, versionId);
    await settled(given);
    expect(await owed(given)).toMatchObject([{ versionId: pending, type: 'refusal' }]);
    const [newest] = await app.deps.registry.runs({ identityId: identity.id, limit: 1 });
    expect(newest?.cause).toContain(`has no version ${pending} any more`);
    await app.stop();
  });

  it('is a label on a dead candidate at most, which the next rotation moves', async () => {
    const given = await labelLeft();
    await settled(given);
    expect(await owed(given)).toEqual([]);
    expect(await rotate(given, 'the-next-run')).toMatchObject({ status: 'SUCCEEDED' });
    expect((await given.app.vault.labels(given.identity.secret)).pending).not.toBe(given.pending);
    await expectClean(given);
  });

  it('is no obstacle to the next rotation, though the execution was stopped in the middle of an undo', async () => {
    const executionArn = `arn:aws:states:us-east-1:111111111111:execution:Rotation:${RUN}`;
    const given = await scene('in-place', {
      afterApply: async () => {
        await proxy.setReachable('closed');
        proxy.cutAll();
      },
      beforeDrop: async ({ app }) => {
        await app.states.handle('StopExecution', { executionArn });
        throw new Failure('StoreUnavailable', 'The vault does not answer.', 'none');
      },
    });
    expect(await rotate(given)).toMatchObject({ status: 'ABORTED' });
    await given.app.clock.advance(5 * 60_000);
    await proxy.setReachable('open');
    await settled(given);
    expect(await currentWorks(given)).toBe('accepted');
    expect(await rotate(given, 'the-next-run')).toMatchObject({ status: 'SUCCEEDED' });
    expect(await currentWorks(given)).toBe('accepted');
    expect(await owed(given)).toEqual([]);
    expect(await given.app.deps.registry.openRuns()).toEqual([]);
    await expectClean(given);
  });
});
