import { edges, letIn } from '../../apps/local/target/key-service/identity';
import { startKeyService, type KeyService } from '../../apps/local/target/key-service/start';
import type { EvidenceRecord, RecordOf } from '../../core/evidence/record';
import { storyOf } from '../../lambdas/steps/heads';
import { sharedAssembly } from '../support/assembly';
import { keyScene, type KeyScene } from '../support/key-scene';
import { quietSteps } from '../support/quiet';

quietSteps();

const RUN = 'the-emergency';
const MINUTE_MS = 60_000;

let service: KeyService;
beforeAll(async () => {
  service = await startKeyService();
  await sharedAssembly();
}, 120_000);
beforeEach(async () => service.turn({ trouble: 'none', propagationMs: 0, cacheMs: 0 }));
afterAll(async () => service.stop());

async function revoke({ app, identity }: KeyScene) {
  const ended = await app.passing(app.run('Revocation', RUN, { identityId: identity.id, reason: 'leaked' }));
  const summary = await app.deps.registry.summary(RUN);
  return { ended, summary, ...(await storyOf(app.deps.evidence, RUN)) };
}

const judgedIn = (proof: readonly EvidenceRecord[]) =>
  proof.filter((record): record is RecordOf<'Judged'> => record.type === 'Judged');
const ms = (time: string | null | undefined) => Date.parse(time ?? '');

it('a key is revoked for three consumers and behind a cache: each path refuses it, the slowest one sets the recorded time', async () => {
  const that = await keyScene(service, 'leaked-key', { cacheSeconds: 40, windowSeconds: 5, periodMs: 1_000 });
  await service.turn({ cacheMs: 30_000 });
  const { key } = that.identity.first;
  expect(await letIn(service, key)).toEqual(['service', ...edges]);
  const { summary, run, proof } = await revoke(that);
  expect(summary).toMatchObject({ outcome: 'verified', level: 'L4' });
  expect(await letIn(service, key)).toEqual([]);
  const judged = judgedIn(proof).at(-1);
  const old = judged?.observed.filter(({ operation }) => operation === 'old') ?? [];
  const paths = ['direct', ...edges.map((edge) => `at-${edge}`)];
  expect(old.map(({ path, verdict }) => `${path} ${verdict.state}`)).toEqual(
    paths.map((path) => `${path} refused`),
  );
  const contained = run.find((record) => record.type === 'ChangeMade' && record.stage === 'Contain');
  expect(ms(judged?.firstStableRefusalAt) - ms(contained?.at)).toBeGreaterThanOrEqual(25_000);
  await that.app.stop();
}, 60_000);

it('while the revoke endpoint is down the gateway’s block is proven at once, the rest stays owed past its deadline, and a final refusal pays it', async () => {
  const that = await keyScene(service, 'legacy-key', { periodMs: 250 });
  const { app, identity } = that;
  const { key } = identity.first;
  await service.turn({ trouble: 'unavailable' });
  const { ended, summary, run, proof } = await revoke(that);

  // Not green: the service itself was not told. But what stands in front of it refuses, by live probe.
  expect(ended).toMatchObject({ status: 'FAILED', error: 'OldStillAccepted' });
  expect(summary).toMatchObject({ outcome: 'revoke-pending' });
  const outcomes = run.filter((record) => record.type === 'ChangeMade' && record.stage === 'Contain');
  expect(outcomes[0]).toMatchObject({
    effect: 'deferred',
    detail: expect.stringMatching(/gateway blocks it.*HTTP 503/),
  });
  // Retries go on: each round tells the service again.
  expect(outcomes.length).toBeGreaterThanOrEqual(3);
  const seen = judgedIn(proof)[0]?.observed.filter(({ operation }) => operation === 'old') ?? [];
  expect(seen.find(({ path }) => path === 'at-partner')?.verdict).toEqual({
    state: 'refused',
    signal: 'gateway block',
  });
  expect(seen.find(({ path }) => path === 'direct')?.verdict).toEqual({ state: 'accepted' });
  expect(await letIn(service, key)).toEqual(['service', 'orders', 'search', 'proxy']);

  for (let minute = 0; minute < 8; minute += 1) {
    await app.clock.advance(MINUTE_MS);
    await app.passing(app.settle());
  }
  const runs = async () => app.deps.registry.runs({ identityId: identity.id, limit: 50 });
  expect((await runs()).filter(({ kind }) => kind === 'breach')).toMatchObject([{ about: RUN }]);
  expect(await app.deps.registry.obligationsOf(identity.id)).not.toEqual([]);

  await service.turn({ trouble: 'none' });
  for (
    let round = 0;
    round < 20 && (await app.deps.registry.obligationsOf(identity.id)).length > 0;
    round += 1
  ) {
    await app.clock.advance(10 * MINUTE_MS);
    await app.passing(app.settle());
  }
  expect(await app.deps.registry.obligationsOf(identity.id)).toEqual([]);
  expect(await letIn(service, key)).toEqual([]);
  const paid = (await runs()).find(({ kind, outcome }) => kind === 'settle' && outcome === 'verified');
  expect(paid).toMatchObject({ about: RUN });
  await app.stop();
}, 120_000);

it('a key of the identity that nobody noted is contained too, and a neighbour’s is left alone', async () => {
  const that = await keyScene(service, 'shared-service', { periodMs: 50 });
  const [extra, neighbour] = [await service.create(that.identity.id), await service.create('neighbour')];
  const { summary } = await revoke(that);
  expect(summary?.outcome).toBe('verified');
  expect([await service.whoami(extra.key), await service.whoami(neighbour.key)]).toEqual([401, 200]);
  await that.app.stop();
}, 60_000);
