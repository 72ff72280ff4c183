import { regions, startIam, type IamAccount } from '../../apps/local/target/iam/start';
import type { EvidenceRecord, RecordOf } from '../../core/evidence/record';
import { storyOf } from '../../lambdas/steps/heads';
import { sharedAssembly } from '../support/assembly';
import { delays } from '../support/delays';
import { iamScene, type IamScene } from '../support/iam-scene';
import { quietSteps } from '../support/quiet';

quietSteps();

const RUN = 'the-run';
const WINDOW_SECONDS = 10;
const PERIOD_MS = 1_000;
const PATHS = ['direct', 'sts-eu-west-1', 'dynamodb-us-east-1', 'dynamodb-eu-west-1'];

let account: IamAccount;
beforeAll(async () => {
  account = await startIam();
  await sharedAssembly();
}, 120_000);
beforeEach(async () => account.turn({ propagationMs: 0, trouble: 'none', organization: 'none' }));
afterAll(async () => account.stop());

const issueTime = { sessions: { end: 'issueTime' } };

async function rotate({ app, id }: IamScene) {
  const ended = await app.passing(app.run('Rotation', RUN, { identityId: id, reason: 'a test' }));
  const summary = await app.deps.registry.summary(RUN);
  return { ended, summary, ...(await storyOf(app.deps.evidence, RUN)) };
}

function judgedIn(proof: readonly EvidenceRecord[], stage: string): RecordOf<'Judged'> | undefined {
  return proof.find(
    (record): record is RecordOf<'Judged'> => record.type === 'Judged' && record.stage === stage,
  );
}

const ms = (time: string | null | undefined) => Date.parse(time ?? '');

let serial = 0;
async function scene(given: Parameters<typeof iamScene>[2] = {}): Promise<IamScene> {
  serial += 1;
  return iamScene(account, `batch-${serial}`, given);
}

describe.each(['alike', 'flapping'] as const)('with replicas that are %s', (replicas) => {
  it.each(delays)(
    'a key that is forgotten after %d s: no false success, no false failure',
    async (seconds) => {
      const that = await scene({ target: issueTime });
      await account.turn({ propagationMs: seconds * 1_000, replicas });
      const { summary, run, proof } = await rotate(that);
      expect(summary).toMatchObject({ outcome: 'verified', level: 'L4' });
      const judged = judgedIn(proof, 'ProveOld');
      expect(judged?.rule).toEqual({ refusals: 3, windowMs: WINDOW_SECONDS * 1_000, paths: PATHS });
      const retired = run.find((record) => record.type === 'ChangeMade' && record.stage === 'Retire');
      const since = ms(judged?.firstStableRefusalAt) - ms(retired?.at);
      // Not before the slowest place refused, as far as the rounds can tell, and soon after.
      expect(since).toBeGreaterThanOrEqual(seconds * 1_000 - 3 * PERIOD_MS);
      expect(since).toBeLessThanOrEqual(seconds * 1_000 + 3 * PERIOD_MS);
      // What counts: when the run said so, every place had forgotten the key for the whole window.
      expect(ms(judged?.at) - ms(retired?.at)).toBeGreaterThanOrEqual((seconds + WINDOW_SECONDS - 3) * 1_000);
      if (seconds > 0) {
        expect(ms(judged?.at) - ms(judged?.lastAcceptedAt)).toBeGreaterThanOrEqual(WINDOW_SECONDS * 1_000);
      }
      expect(await account.whoami(that.first)).toBe(403);
      for (const region of regions) expect(await account.listTables(await that.current(), region)).toBe('ok');
      expect((await account.show(that.user)).keys).toHaveLength(1);
      await that.app.stop();
    },
    120_000,
  );
});

it('sessions of the old key are denied in every region, and those made later are not', async () => {
  const that = await scene({ target: issueTime });
  const session = await account.session(that.first);
  const { summary, proof } = await rotate(that);
  expect(summary).toMatchObject({ outcome: 'verified', level: 'L4' });
  expect(judgedIn(proof, 'ProveOld')?.sessions).toMatchObject({ after: 0, method: 'bounded' });
  // STS goes on saying who it is: that proves nothing about what it may do.
  expect(await account.whoami(session)).toBe(200);
  for (const region of regions)
    expect(await account.listTables(session, region)).toBe('AccessDeniedException: explicit deny');
  await that.advance(60_000);
  expect(await account.listTables(await account.session(await that.current()))).toBe('ok');
  await that.app.stop();
}, 120_000);

it('without a denial the run stays owed and says until when sessions live, and the last expiry pays it', async () => {
  const that = await scene();
  const { summary, proof } = await rotate(that);
  expect(summary).toMatchObject({ outcome: 'revoke-pending' });
  const { sessions, firstStableRefusalAt } = judgedIn(proof, 'ProveOld') ?? {};
  const until = new Date(ms(firstStableRefusalAt) + 129_600_000).toISOString();
  expect(sessions?.countedBy).toBe(`what it derived may be used until ${until}`);
  const owed = async () => that.app.deps.registry.obligationsOf(that.id);
  expect(await owed()).not.toEqual([]);
  for (let round = 0; round < 10 && (await owed()).length > 0; round += 1) {
    await that.advance(12 * 60 * 60_000);
    await that.app.passing(that.app.settle());
  }
  expect(await owed()).toEqual([]);
  expect(that.app.clock.now()).toBeGreaterThanOrEqual(ms(until));
  await that.app.stop();
}, 300_000);

it('a second key that nobody noted is left alone, and the run says what to do before anything is changed', async () => {
  const that = await scene();
  const { made } = await account.turn({ keyFor: that.user });
  const before = await account.show(that.user);
  const { ended, summary } = await rotate(that);
  expect(ended).toMatchObject({ status: 'FAILED', error: 'QuotaReached' });
  expect(ended['cause']).toMatch(new RegExp(`${made?.accessKeyId}.*unknown to Gapless.*delete it`));
  expect(summary).toMatchObject({ outcome: 'refused' });
  expect(await account.show(that.user)).toEqual(before);
  expect([await account.whoami(that.first), await account.whoami(made ?? that.first)]).toEqual([200, 200]);
  await that.app.stop();
}, 120_000);
