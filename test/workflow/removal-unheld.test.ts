import { startKeyService, type KeyService } from '../../apps/local/target/key-service/start';
import { connector } from '../../connectors/http-api-key';
import type { Connector } from '../../core/connector';
import { verifyStoredRun } from '../../core/evidence/verify';
import { Failure } from '../../core/failure';
import { listedId } from '../../core/run/revoking';
import { sharedAssembly } from '../support/assembly';
import { keyScene, type KeyScene } from '../support/key-scene';
import { quietSteps } from '../support/quiet';

quietSteps();

const RUN = 'the-emergency';

let service: KeyService;
beforeAll(async () => {
  service = await startKeyService();
  await sharedAssembly();
}, 120_000);
afterAll(async () => service.stop());

interface Refusing {
  /** What the service removes: nothing of it at first. */
  removes: 'nothing' | 'everything';
}

/** The connector of a service that removes only what it is told to. */
function reluctant(state: Refusing): Connector {
  const { operations } = connector;
  const revoke: typeof operations.revoke = async (...asked) => {
    if (state.removes === 'everything') return operations.revoke(...asked);
    throw new Failure('TargetRejected', 'The service removes nothing now. Nothing was changed.', 'none');
  };
  return { ...connector, operations: { ...operations, revoke } };
}

/** Puts a new key in use and takes the mark away, as a reissue ends. */
async function reissued({ app, identity }: KeyScene): Promise<string> {
  const { id, policy } = identity;
  const { secret } = policy;
  const made = await service.create(id);
  const { material, versionId } = await app.vault.readCurrent(secret);
  await app.vault.putPending(secret, 'reissued', material.with({ key: made.key, id: made.id }));
  await app.vault.promote(secret, 'reissued', versionId);
  await app.vault.dropPending(secret, 'reissued');
  const row = await app.deps.registry.identity(id);
  await app.deps.registry.setRevoked(id, row?.fence ?? 0, undefined);
  return made.key;
}

it('what is left of a key that nobody holds is removed after a reissue, read back, and leaves the new key alone', async () => {
  const state: Refusing = { removes: 'nothing' };
  const that = await keyScene(service, 'left-behind', { periodMs: 50 }, reluctant(state));
  const { app, identity } = that;
  const stray = await service.create(identity.id);
  await app.passing(app.run('Revocation', RUN, { identityId: identity.id, reason: 'leaked' }));
  expect(await app.deps.registry.summary(RUN)).toMatchObject({ outcome: 'verified' });
  const owed = () => app.deps.registry.obligationsOf(identity.id);
  expect(await owed()).toContainEqual(
    expect.objectContaining({ type: 'removal', versionId: listedId(stray.id), remoteId: stray.id }),
  );

  const key = await reissued(that);
  state.removes = 'everything';
  for (let look = 0; look < 10 && (await owed()).length > 0; look += 1) {
    await app.clock.advance(60 * 60_000);
    await app.passing(app.settle());
  }
  expect(await owed()).toEqual([]);
  const runs = await app.deps.registry.runs({ identityId: identity.id, limit: 20 });
  const paid = runs.filter(({ kind, outcome }) => kind === 'settle' && outcome === 'verified');
  expect(paid.map(({ about, level }) => `${about} ${level}`).toSorted()).toEqual([`${RUN} L2`, `${RUN} L4`]);
  for (const { runId } of paid)
    expect(await verifyStoredRun(app.deps.evidence, runId)).toMatchObject({ state: 'verified' });
  expect([await service.whoami(stray.key), await service.whoami(key)]).toEqual([401, 200]);
  await app.stop();
}, 120_000);
