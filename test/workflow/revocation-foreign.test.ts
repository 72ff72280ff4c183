import { letIn } from '../../apps/local/target/key-service/identity';
import { startKeyService, type KeyService } from '../../apps/local/target/key-service/start';
import type { EvidenceRecord, RecordOf } from '../../core/evidence/record';
import { Material } from '../../core/material';
import { storyOf } from '../../lambdas/steps/heads';
import { sharedAssembly } from '../support/assembly';
import { keyScene, type KeyScene } from '../support/key-scene';
import { login } from '../support/oracle';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { quietSteps } from '../support/quiet';
import { alive } from '../support/revocation-oracle';
import { rotationScene } from '../support/rotation-scene';

// Whoever can write into a secret must not be able to have somebody else's credential revoked.

quietSteps();

const RUN = 'the-emergency';
const PLANTED = 'version-planted';
const MINUTE_MS = 60_000;

let server: TestPostgres;
let service: KeyService;
beforeAll(async () => {
  [server, service] = await Promise.all([testPostgres(), startKeyService()]);
  await sharedAssembly();
}, 120_000);
afterAll(async () => Promise.all([server.stop(), service.stop()]));

const isMade = (record: EvidenceRecord): record is RecordOf<'ChangeMade'> => record.type === 'ChangeMade';

describe('a secret in which somebody planted the login of a role that is not the identity’s', () => {
  it('is revoked without it: the role and its session live on, and the version is on record', async () => {
    const given = await rotationScene(server, { id: 'planted-db', strategy: 'alternating' });
    const { app, identity } = given;
    await server.sql(`CREATE ROLE neighbour LOGIN PASSWORD 'of-somebody-else'`);
    const own = identity.secrets[identity.secret]?.material;
    const planted = own?.with({ username: 'neighbour', password: 'of-somebody-else' });
    if (!planted) throw new Error('the identity has no secret');
    await app.vault.putPending(identity.secret, PLANTED, planted);
    await server.sql(`GRANT CONNECT ON DATABASE ${identity.database} TO neighbour`);
    const config = { database: identity.database, user: 'neighbour', password: 'of-somebody-else' };
    const session = await server.open(config);

    const input = { identityId: identity.id, reason: 'a secret was written by nobody we know' };
    expect(await app.passing(app.run('Revocation', RUN, input))).toMatchObject({ status: 'SUCCEEDED' });

    expect(await alive(app.deps, server, identity)).toEqual([`version ${PLANTED} is answered accepted`]);
    expect((await session.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await session.end();
    expect(await login(server, planted)).toBe('accepted');
    const { run } = await storyOf(app.deps.evidence, RUN);
    expect(run.filter(isMade).find(({ detail }) => detail?.includes(PLANTED))).toMatchObject({
      stage: 'Contain',
      effect: 'notApplicable',
      detail: expect.stringContaining('hold no postgres-role credential of planted-db and were left alone'),
    });
    await app.stop();
  });
});

async function planted(id: string) {
  const that = await keyScene(service, id, { periodMs: 250 });
  const neighbour = await service.create(`${id}-neighbour`);
  await that.app.vault.putPending(`gapless/${id}`, PLANTED, new Material(neighbour));
  return { that, neighbour };
}

async function revoke({ app, identity }: KeyScene) {
  await app.passing(app.run('Revocation', RUN, { identityId: identity.id, reason: 'leaked' }));
  return (await storyOf(app.deps.evidence, RUN)).run;
}

const about = (run: readonly EvidenceRecord[], stage: string) =>
  run.filter(isMade).filter((record) => record.stage === stage && record.versionId === PLANTED);

async function settledFor({ app }: KeyScene, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    await app.clock.advance(10 * MINUTE_MS);
    await app.passing(app.settle());
  }
}

describe('a secret in which somebody planted a key that is not the identity’s', () => {
  it('is contained without it, and while it is accepted nothing is green', async () => {
    const { that, neighbour } = await planted('planted-key');
    const { app, identity } = that;
    const run = await revoke(that);
    expect(about(run, 'Contain')[0]).toMatchObject({
      effect: 'notApplicable',
      detail: expect.stringContaining('left alone'),
    });
    expect(await letIn(service, identity.first.key)).toEqual([]);
    expect(await service.whoami(neighbour.key)).toBe(200);
    expect(await app.deps.registry.summary(RUN)).toMatchObject({ outcome: 'revoke-pending' });

    await settledFor(that, 3);
    expect(await service.whoami(neighbour.key)).toBe(200);
    // It runs out: now it is seen refused, and still nobody removes it.
    await service.turn({ key: { id: neighbour.id, expiresInMs: 0 } });
    await settledFor(that, 20);
    expect(await app.deps.registry.obligationsOf(identity.id)).toEqual([]);
    const runs = await app.deps.registry.runs({ identityId: identity.id, limit: 50 });
    const paid = runs.find(({ kind, outcome }) => kind === 'settle' && outcome === 'verified');
    const { run: paying } = await storyOf(app.deps.evidence, paid?.runId ?? '');
    expect(about(paying, 'Remove')).toMatchObject([{ effect: 'notApplicable' }]);
    await service.turn({ key: { id: neighbour.id, expiresInMs: MINUTE_MS } });
    expect(await service.whoami(neighbour.key)).toBe(200);
    await app.stop();
  }, 120_000);

  it('is not blocked at the gateway either, while the service cannot say whose it is', async () => {
    const { that, neighbour } = await planted('planted-gate');
    await service.turn({ trouble: 'away' });
    await revoke(that);
    await settledFor(that, 3);
    expect(await service.whoami(that.identity.first.key, 'partner')).toBe(401);
    expect(await service.whoami(neighbour.key, 'partner')).toBe(200);
    await service.turn({ trouble: 'none' });
    await that.app.stop();
  }, 120_000);
});
