import { regions, startIam, type IamAccount } from '../../apps/local/target/iam/start';
import { storyOf } from '../../lambdas/steps/heads';
import { sharedAssembly } from '../support/assembly';
import { CrashPlan } from '../support/crash-ports';
import { iamScene, type IamScene } from '../support/iam-scene';
import { quietSteps } from '../support/quiet';

quietSteps();

const RUN = 'the-run';
const target = { sessions: { end: 'issueTime' }, pace: { windowSeconds: 2 } };

let account: IamAccount;
beforeAll(async () => {
  account = await startIam();
  await sharedAssembly();
}, 180_000);
afterAll(async () => account.stop());

async function rotate({ app, id }: IamScene) {
  await app.passing(app.run('Rotation', RUN, { identityId: id, reason: 'a test' }));
  const summary = await app.deps.registry.summary(RUN);
  return { summary, ...(await storyOf(app.deps.evidence, RUN)) };
}

/** How a rotation ends whose worker dies at a call, and what the account holds then. */
async function dyingAt(call: string, side: 'before' | 'after') {
  const plan = new CrashPlan({ call, side });
  const that = await iamScene(account, `dying-${call.replace('.', '-').toLowerCase()}-${side}`, {
    target,
    plan,
  });
  const { summary, run } = await rotate(that);
  const [{ keys }, current] = [await account.show(that.user), await that.current()];
  const old = await Promise.all([
    account.whoami(that.first),
    ...regions.map(async (region) => account.listTables(that.first, region)),
  ]);
  const works = await Promise.all(regions.map(async (region) => account.listTables(current, region)));
  await that.app.stop();
  const isOnly = keys.length === 1 && keys[0]?.id === current.accessKeyId ? 'the current one' : keys;
  return { crashed: plan.state, summary, run, left: isOnly, old, works };
}

it.each([
  ['target.preflight', 'after'],
  ['target.issue', 'before'],
  ['target.issue', 'after'],
  ['vault.putPending', 'before'],
  ['vault.putPending', 'after'],
  ['vault.promote', 'after'],
  ['target.suspend', 'before'],
  ['target.suspend', 'after'],
  ['target.boundSessions', 'after'],
  ['target.revoke', 'before'],
  ['target.revoke', 'after'],
] as const)(
  'a worker that dies at %s (%s) leaves one key, the current one, and the old one refused everywhere',
  async (name, side) => {
    const end = await dyingAt(name, side);
    expect(end).toMatchObject({
      crashed: 'crashed',
      summary: { outcome: 'verified', level: 'L4' },
      left: 'the current one',
      old: [403, 'UnrecognizedClientException', 'UnrecognizedClientException'],
      works: ['ok', 'ok'],
    });
  },
  120_000,
);

it('what a worker was given and could not keep is found by its intent and said to be revoked', async () => {
  const { run } = await dyingAt('registry.setVersions', 'before');
  const minted = run.find((record) => record.type === 'ChangeMade' && record.stage === 'Mint');
  expect(minted).toMatchObject({
    detail: expect.stringMatching(/^revoked .*AKIA[0-9A-F]{16} of run the-run$/),
  });
}, 120_000);
