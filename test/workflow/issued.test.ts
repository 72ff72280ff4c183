import { versionIdOf } from '../../lambdas/steps/mint/version-id';
import { storyOf } from '../../lambdas/steps/heads';
import { enrol } from '../../lambdas/steps/sweep/enrol';
import type { Bound } from '../../core/connector';
import { Failure } from '../../core/failure';
import { sharedAssembly } from '../support/assembly';
import { CrashPlan, type CrashPoint } from '../support/crash-ports';
import { issuedIdentity, issuer, type Issuer } from '../support/issuer';
import { memoryApp, type MemoryApp } from '../support/memory-app';
import { quietSteps } from '../support/quiet';

quietSteps();
beforeAll(async () => void (await sharedAssembly()), 120_000);

const RUN = 'the-run';

interface Scene {
  readonly app: MemoryApp;
  readonly issuer: Issuer;
  readonly plan: CrashPlan;
}

async function scene(
  from: Issuer = issuer(),
  point?: CrashPoint,
  onCrash?: (app: MemoryApp) => void,
): Promise<Scene> {
  const identity = issuedIdentity('api');
  const holder: { app?: MemoryApp } = {};
  const plan = new CrashPlan(point, () => holder.app && onCrash?.(holder.app));
  // What a step waits for is decided by engine time.
  const sleep = async (ms: number) => holder.app?.clock.advance(ms);
  const app = await memoryApp([identity.policy], (deps) =>
    plan.around({ ...deps, connector: from.connector, sleep }),
  );
  holder.app = app;
  identity.store(app.vault);
  await enrol(app.deps);
  return { app, issuer: from, plan };
}

async function rotate({ app }: Scene, name = RUN) {
  await app.passing(app.run('Rotation', name, { identityId: 'api', reason: 'a test' }));
  return app.deps.registry.summary(name);
}

async function madeAt(app: MemoryApp, stage: string) {
  const { run } = await storyOf(app.deps.evidence, RUN);
  return run.findLast((record) => record.type === 'ChangeMade' && record.stage === stage);
}

const ids = (from: Issuer) => from.keys.map(({ id }) => id);

it('rotates to what the issuer makes, with its request id in evidence and the old key gone', async () => {
  const that = await scene();
  expect(await rotate(that)).toMatchObject({ outcome: 'verified', level: 'L4' });
  expect(ids(that.issuer)).toEqual(['key-1']);
  expect(await madeAt(that.app, 'Mint')).toMatchObject({
    effect: 'applied',
    remoteId: 'key-1',
    requestId: 'request-1',
  });
  expect((await that.app.vault.labels('gapless/api')).current).toBe(versionIdOf(RUN));
  await that.app.stop();
});

it.each([
  ['target.issue', 'after'],
  ['registry.setVersions', 'before'],
  ['vault.putPending', 'before'],
] as const)(
  'a worker that dies %s (%s): the repeated step revokes the orphan and issues anew',
  async (call, side) => {
    const that = await scene(issuer(), { call, side });
    expect(await rotate(that)).toMatchObject({ outcome: 'verified', level: 'L4' });
    expect(that.issuer.made()).toBe(2);
    expect(ids(that.issuer)).toEqual(['key-2']);
    expect(await madeAt(that.app, 'Mint')).toMatchObject({
      remoteId: 'key-2',
      detail: expect.stringMatching(/revoked what dead runs .*key-1 of run the-run/),
    });
    await that.app.stop();
  },
);

it('a worker that dies with its material in the vault: the repeated step keeps it and asks for no other', async () => {
  const that = await scene(issuer(), { call: 'vault.putPending', side: 'after' });
  expect(await rotate(that)).toMatchObject({ outcome: 'verified', level: 'L4' });
  expect([that.issuer.made(), ids(that.issuer)]).toEqual([1, ['key-1']]);
  await that.app.stop();
});

it('an execution that ends right after the issuer answered leaves no live key behind', async () => {
  const point = { call: 'target.issue', side: 'after' } as const;
  const that = await scene(
    issuer(),
    point,
    (app) =>
      void app.states.handle('StopExecution', {
        executionArn: `arn:aws:states:us-east-1:111111111111:execution:Rotation:${RUN}`,
      }),
  );
  await rotate(that);
  for (let round = 0; round < 6 && (await that.app.deps.registry.openRuns()).length > 0; round += 1) {
    await that.app.clock.advance(10 * 60_000);
    await that.app.passing(that.app.settle());
  }
  expect(ids(that.issuer)).toEqual(['first']);
  expect(await madeAt(that.app, 'Reinstate')).toMatchObject({
    effect: 'applied',
    detail: expect.stringMatching(/key-1/),
  });
  await that.app.stop();
});

describe('an issuer with two places', () => {
  it('that are taken, one by a key nobody knows: refused before anything is made, and both live on', async () => {
    const from = issuer();
    from.add('by-hand');
    const that = await scene(from);
    expect(await rotate(that)).toMatchObject({
      outcome: 'refused',
      cause: expect.stringMatching(/first, by-hand \(unknown to Gapless\)/),
    });
    expect([from.made(), ids(from)]).toEqual([0, ['first', 'by-hand']]);
    await that.app.stop();
  });

  it('one taken by what a dead run was issued: that one is revoked, and the count after is the count before', async () => {
    const from = issuer();
    from.add('left', 'a-dead-run');
    const that = await scene(from);
    expect(await rotate(that)).toMatchObject({ outcome: 'verified' });
    expect(ids(from)).toEqual(['key-1']);
    await that.app.stop();
  });
});

const LIFE_MS = 45 * 60_000;

/** What a credential derived lives on for so long after its refusal. */
function outlivingBy(lifeMs: number): Issuer['bound'] {
  return (refusedAt, now) =>
    now < refusedAt + lifeMs
      ? { state: 'open', until: refusedAt + lifeMs }
      : { state: 'expired', at: refusedAt + lifeMs };
}

const down = async () =>
  Promise.reject(new Failure('TargetRejected', 'The issuer is down. Nothing was changed.', 'none'));

/** Settle looks every ten minutes, at most so often, until nothing is owed. */
async function settledFor({ app }: Scene, rounds: number): Promise<void> {
  const { registry } = app.deps;
  for (let round = 0; round < rounds && (await registry.obligationsOf('api')).length > 0; round += 1) {
    await app.clock.advance(10 * 60_000);
    await app.passing(app.settle());
  }
}

describe('what was derived from the old credential', () => {
  const rows: [
    what: string,
    bound: (refusedAt: number, now: number) => Bound,
    outcome: string,
    level: string,
    sessions: object,
  ][] = [
    [
      'denied on a data call',
      () => ({ state: 'denied', signal: 'explicit deny' }),
      'verified',
      'L4',
      { method: 'bounded', after: 0 },
    ],
    [
      'past its last expiry',
      (refusedAt) => ({ state: 'expired', at: refusedAt }),
      'verified',
      'L4',
      { method: 'bounded', after: 0 },
    ],
    [
      'open until a time',
      (_, now) => ({ state: 'open', until: now + 3_600_000 }),
      'revoke-pending',
      'L3',
      { method: 'bounded', after: null },
    ],
    [
      'seen alive',
      () => ({ state: 'open', until: undefined, alive: 2 }),
      'revoke-pending',
      'L3',
      { method: 'bounded', after: 2 },
    ],
  ];
  it.each(rows)('%s', async (_what, bound, outcome, level, sessions) => {
    const from = issuer();
    from.bound = bound;
    const that = await scene(from);
    expect(await rotate(that)).toMatchObject({ outcome, level });
    const { proof } = await storyOf(that.app.deps.evidence, RUN);
    expect(proof.at(-1)).toMatchObject({ stage: 'ProveOld', sessions });
    await that.app.stop();
  });

  it('is as old as the first refusal: looks that come later do not begin its time anew', async () => {
    const from = issuer();
    const that = await scene(from);
    const started = that.app.clock.now();
    from.bound = outlivingBy(LIFE_MS);
    expect(await rotate(that)).toMatchObject({ outcome: 'revoke-pending' });
    await settledFor(that, 20);
    expect(await that.app.deps.registry.obligationsOf('api')).toEqual([]);
    expect(that.app.clock.now() - started).toBeGreaterThanOrEqual(LIFE_MS);
    await that.app.stop();
  });

  it('is as old as the first refusal that Settle saw, where the rotation could not retire', async () => {
    const from = issuer();
    const that = await scene(from);
    const { operations } = from.connector;
    const suspend = operations.suspend.bind(operations);
    Object.assign(operations, { suspend: down });
    from.bound = outlivingBy(LIFE_MS);
    expect(await rotate(that)).toMatchObject({ outcome: 'revoke-pending' });
    Object.assign(operations, { suspend });
    await settledFor(that, 20);
    expect(await that.app.deps.registry.obligationsOf('api')).toEqual([]);
    await that.app.stop();
  });

  it('begins anew with an acceptance that a look of Settle saw', async () => {
    const from = issuer();
    const that = await scene(from);
    from.bound = outlivingBy(LIFE_MS);
    expect(await rotate(that)).toMatchObject({ outcome: 'revoke-pending' });
    const [first] = from.keys;
    if (first) Object.assign(first, { status: 'active' });
    Object.assign(from.connector.operations, { suspend: async () => ({ effect: 'alreadySo' }) });
    await settledFor(that, 2);
    const [accepted] = await that.app.deps.registry.obligationsOf('api');
    expect(accepted).not.toHaveProperty('refusedIn');
    if (first) Object.assign(first, { status: 'suspended' });
    const again = that.app.clock.now();
    await settledFor(that, 20);
    expect(await that.app.deps.registry.obligationsOf('api')).toEqual([]);
    expect(that.app.clock.now() - again).toBeGreaterThanOrEqual(LIFE_MS);
    await that.app.stop();
  });

  it('stays owed until its last expiry has passed, and is paid then', async () => {
    const from = issuer();
    const that = await scene(from);
    const until = that.app.clock.now() + 45 * 60_000;
    from.bound = (_, now) => (now < until ? { state: 'open', until } : { state: 'expired', at: until });
    expect(await rotate(that)).toMatchObject({ outcome: 'revoke-pending' });
    for (
      let round = 0;
      round < 20 && (await that.app.deps.registry.obligationsOf('api')).length > 0;
      round += 1
    ) {
      await that.app.clock.advance(10 * 60_000);
      await that.app.passing(that.app.settle());
      if ((await that.app.deps.registry.obligationsOf('api')).length === 0)
        expect(that.app.clock.now()).toBeGreaterThanOrEqual(until);
    }
    expect(await that.app.deps.registry.obligationsOf('api')).toEqual([]);
    await that.app.stop();
  });
});
