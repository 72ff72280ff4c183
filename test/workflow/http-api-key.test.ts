import { edges, letIn } from '../../apps/local/target/key-service/identity';
import { startKeyService, type KeyService } from '../../apps/local/target/key-service/start';
import { parseRecord, type RecordOf } from '../../core/evidence/record';
import { storyOf } from '../../lambdas/steps/heads';
import { caches, delays } from '../support/delays';
import { sharedAssembly } from '../support/assembly';
import { keyScene, type KeyScene } from '../support/key-scene';
import { quietSteps } from '../support/quiet';

quietSteps();

const RUN = 'the-run';
const WINDOW_SECONDS = 10;
const PERIOD_MS = 2_500;

let service: KeyService;
beforeAll(async () => {
  service = await startKeyService();
  await sharedAssembly();
}, 120_000);
afterAll(async () => service.stop());

let serial = 0;

async function scene(delays: { readonly propagation: number; readonly cache: number }): Promise<KeyScene> {
  serial += 1;
  await service.turn({
    propagationMs: delays.propagation * 1_000,
    cacheMs: delays.cache * 1_000,
    trouble: 'none',
  });
  const pace = {
    propagationSeconds: 15,
    cacheSeconds: 60,
    windowSeconds: WINDOW_SECONDS,
    periodMs: PERIOD_MS,
  };
  return keyScene(service, `key-${serial}`, pace);
}

async function rotate({ app, identity }: KeyScene) {
  await app.passing(app.run('Rotation', RUN, { identityId: identity.id, reason: 'a test' }));
  const summary = await app.deps.registry.summary(RUN);
  return { summary, ...(await storyOf(app.deps.evidence, RUN)) };
}

type Judged = RecordOf<'Judged'>;

const ms = (time: string | null | undefined) => Date.parse(time ?? '');

describe.each(delays)('a service that takes %d s to forget a key', (propagation) => {
  it.each(caches)('behind caches of %d s: no false success and no false failure', async (cache) => {
    const that = await scene({ propagation, cache });
    const { summary, run, proof } = await rotate(that);
    expect(summary).toMatchObject({ outcome: 'verified', level: 'L4' });
    expect(await letIn(service, that.identity.first.key)).toEqual([]);
    const judged = proof.find(
      (record): record is Judged => record.type === 'Judged' && record.stage === 'ProveOld',
    );
    const retired = run.find((record) => record.type === 'ChangeMade' && record.stage === 'Retire');
    const since = ms(judged?.firstStableRefusalAt) - ms(retired?.at);
    // Never before the service itself refused, and at most one round after the slowest edge did.
    expect(since).toBeGreaterThanOrEqual(propagation * 1_000 - PERIOD_MS);
    expect(since).toBeLessThanOrEqual((propagation + cache) * 1_000 + 2 * PERIOD_MS);
    if (judged?.lastAcceptedAt)
      expect(ms(judged.at) - ms(judged.lastAcceptedAt)).toBeGreaterThanOrEqual(WINDOW_SECONDS * 1_000);
    else expect([propagation, cache]).toContain(0);
    await that.app.stop();
  });
});

it('the slowest of five paths sets the recorded time, and each is in evidence with its own', async () => {
  const that = await scene({ propagation: 0, cache: 40 });
  // The edges have seen the old key shortly before it is retired, as they would in daily use.
  await letIn(service, that.identity.first.key);
  const { summary, proof } = await rotate(that);
  expect(summary).toMatchObject({ outcome: 'verified', level: 'L4' });
  const judged = proof.find(
    (record): record is Judged => record.type === 'Judged' && record.stage === 'ProveOld',
  );
  expect(judged?.rule.paths).toEqual(['direct', ...edges.map((edge) => `at-${edge}`)]);
  const old = judged?.observed.filter(({ operation }) => operation === 'old') ?? [];
  expect(old.map(({ path, verdict }) => [path, verdict.state])).toEqual(
    ['direct', ...edges.map((edge) => `at-${edge}`)].map((path) => [path, 'refused']),
  );
  // Only the two that keep answers let it in that long; the run's time is theirs.
  expect(ms(judged?.firstStableRefusalAt) - ms(old[0]?.firstAt)).toBeGreaterThanOrEqual(30_000);
  expect(ms(judged?.firstStableRefusalAt)).toBeGreaterThan(ms(judged?.lastAcceptedAt));
  await that.app.stop();
});

it('a revoke endpoint that is down leaves the run owed, the old key visibly live, and Settle pays it when it is back', async () => {
  const that = await scene({ propagation: 0, cache: 0 });
  const { app, identity } = that;
  const { vault } = app.deps;
  const promote = vault.promote.bind(vault);
  // The service goes down in the middle: it issued the new key and cannot disable the old one any more.
  vault.promote = async (...args) => {
    await service.turn({ trouble: 'unavailable' });
    return promote(...args);
  };
  const { summary } = await rotate(that);
  expect(summary).toMatchObject({ outcome: 'revoke-pending' });
  expect(await letIn(service, identity.first.key)).toEqual(['service', ...edges]);
  expect(await app.deps.registry.obligationsOf(identity.id)).toHaveLength(1);
  await service.turn({ trouble: 'none' });
  for (
    let round = 0;
    round < 10 && (await app.deps.registry.obligationsOf(identity.id)).length > 0;
    round += 1
  ) {
    await app.clock.advance(10 * 60_000);
    await app.passing(app.settle());
  }
  expect(await app.deps.registry.obligationsOf(identity.id)).toEqual([]);
  expect(await letIn(service, identity.first.key)).toEqual([]);
  await app.stop();
});

/** Rotates while the service goes down right after a stage has changed something, so that the old key's refusal is owed. */
async function owedAfter(stage: 'Promote' | 'Retire'): Promise<KeyScene & { readonly secret: string }> {
  const that = await scene({ propagation: 0, cache: 0 });
  const { evidence, registry } = that.app.deps;
  const put = evidence.put.bind(evidence);
  evidence.put = async (sealed) => {
    const { type, stage: at } = parseRecord(sealed.body);
    if (type === 'ChangeMade' && at === stage) await service.turn({ trouble: 'unavailable' });
    return put(sealed);
  };
  expect((await rotate(that)).summary).toMatchObject({ outcome: 'revoke-pending' });
  evidence.put = put;
  await service.turn({ trouble: 'none' });
  expect(await registry.obligationsOf(that.identity.id)).toHaveLength(1);
  return { ...that, secret: that.identity.policy.secret };
}

/** Moves AWSCURRENT back by hand, lets Settle look, and gives the run that it started for what is owed. */
async function movedBack({ app, identity, secret }: Awaited<ReturnType<typeof owedAfter>>) {
  const { current = '', previous = '' } = await app.vault.labels(secret);
  await app.vault.promote(secret, previous, current);
  await app.clock.advance(10 * 60_000);
  await app.passing(app.settle());
  const [newest] = await app.deps.registry.runs({ identityId: identity.id, limit: 1 });
  const { proof } = await storyOf(app.deps.evidence, newest?.runId ?? '');
  return { newest, asked: proof.findLast(({ type }) => type === 'Judged') };
}

describe('where AWSCURRENT is moved back by hand to the key that is owed a refusal', () => {
  it('every edge is asked whether it lets that key in, and then nothing is owed', async () => {
    const that = await owedAfter('Promote');
    const { newest, asked } = await movedBack(that);
    expect(newest?.cause).toContain('the target accepts it on every path');
    const paths = ['direct', ...edges.map((edge) => `at-${edge}`)];
    expect(asked).toMatchObject({ claim: 'accepted', finding: 'proven', rule: { paths } });
    expect(await that.app.deps.registry.obligationsOf(that.identity.id)).toEqual([]);
    await that.app.stop();
  });

  it('it stays owed while the service refuses that key, and the run says that consumers have none that works', async () => {
    const that = await owedAfter('Retire');
    const { newest, asked } = await movedBack(that);
    expect(newest?.cause).toContain('what consumers of');
    expect(asked).toMatchObject({ claim: 'accepted', finding: 'disproven' });
    expect(await that.app.deps.registry.obligationsOf(that.identity.id)).toHaveLength(1);
    await that.app.stop();
  });
});
