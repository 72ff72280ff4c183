import { regions, startIam, type IamAccount } from '../../apps/local/target/iam/start';
import type { RecordOf } from '../../core/evidence/record';
import { storyOf } from '../../lambdas/steps/heads';
import { alice, bob, peopleAround } from '../support/approval-scene';
import { sharedAssembly } from '../support/assembly';
import { iamScene, type IamGiven, type IamScene, type Keys } from '../support/iam-scene';
import { quietSteps } from '../support/quiet';

quietSteps();

const RUN = 'the-emergency';

let account: IamAccount;
beforeAll(async () => {
  account = await startIam();
  await sharedAssembly();
}, 120_000);
beforeEach(async () => account.turn({ propagationMs: 0, trouble: 'none', organization: 'none' }));
afterAll(async () => account.stop());

let serial = 0;
async function scene(given: IamGiven = {}): Promise<IamScene> {
  serial += 1;
  return iamScene(account, `leaked-${serial}`, given);
}

async function revoke({ app, id }: IamScene) {
  const ended = await app.passing(app.run('Revocation', RUN, { identityId: id, reason: 'leaked' }));
  const summary = await app.deps.registry.summary(RUN);
  return { ended, summary, ...(await storyOf(app.deps.evidence, RUN)) };
}

const inEveryRegion = async (keys: Keys) =>
  Promise.all(regions.map(async (region) => account.listTables(keys, region)));
const DENIED = ['AccessDeniedException: explicit deny', 'AccessDeniedException: explicit deny'];

it.each([0, 5, 15])(
  'a leaked key that works for %d s more can do nothing meanwhile, and neither can a session it makes then',
  async (seconds) => {
    const made: Keys[] = [];
    const that = await scene({
      witness: 'kept',
      // The key is inactive by now, and some places do not know it yet.
      onWait: async (first) => {
        if (seconds > 0) made.push(await account.session(first));
      },
    });
    await account.turn({ propagationMs: seconds * 1_000, replicas: 'alike' });
    const { summary, run, proof } = await revoke(that);
    expect(summary).toMatchObject({ outcome: 'verified', level: 'L4' });
    const done = run.filter((record): record is RecordOf<'ChangeMade'> => record.type === 'ChangeMade');
    expect(done.map(({ stage, versionId }) => [stage, versionId])).toEqual([
      ['Contain', null],
      ['Contain', 'v-first'],
      ['Remove', 'v-first'],
    ]);
    const judged = proof.find((record): record is RecordOf<'Judged'> => record.type === 'Judged');
    expect(judged?.sessions).toMatchObject({ after: 0, method: 'bounded' });
    expect(judged?.sessions?.countedBy).toContain('explicit deny of 1 session(s) in us-east-1, eu-west-1');
    const [contained, refused] = [done[1]?.at, judged?.firstStableRefusalAt].map((at) =>
      Date.parse(at ?? ''),
    );
    // The delay of the account and at most one more look.
    expect((refused ?? 0) - (contained ?? 0)).toBeGreaterThanOrEqual((seconds - 2) * 1_000);
    expect((refused ?? 0) - (contained ?? 0)).toBeLessThanOrEqual((seconds + 2) * 1_000);
    for (const session of made) expect(await inEveryRegion(session)).toEqual(DENIED);
    expect(made).toHaveLength(seconds > 0 ? 1 : 0);
    expect(await account.show(that.user)).toMatchObject({
      keys: [],
      attached: ['arn:aws:iam::aws:policy/AWSDenyAll'],
    });
    await that.app.stop();
  },
  120_000,
);

it('a key of the same user that nobody noted is made inactive too, and a neighbour’s is left alone', async () => {
  const that = await scene({ witness: 'kept' });
  const { made } = await account.turn({ keyFor: that.user });
  const neighbour = await account.user(`${that.user}-neighbour`, 'tables');
  const { run } = await revoke(that);
  expect(run.filter(({ type }) => type === 'ChangeMade')).toEqual(
    expect.arrayContaining([expect.objectContaining({ versionId: `listed:${made?.accessKeyId}` })]),
  );
  expect(await account.whoami(made ?? that.first)).toBe(403);
  expect([await account.whoami(neighbour), await account.listTables(neighbour)]).toEqual([200, 'ok']);
  await that.app.stop();
}, 120_000);

it('what an administrator of the account takes back, the organization still denies', async () => {
  await account.turn({ organization: 'denies-contained' });
  const that = await scene({ witness: 'kept' });
  const session = await account.session(that.first);
  expect((await revoke(that)).summary).toMatchObject({ outcome: 'verified', level: 'L4' });
  await account.turn({ undeny: that.user });
  expect(await inEveryRegion(session)).toEqual(DENIED);
  await that.app.stop();
}, 120_000);

it('while IAM takes no change nothing is green, and what is owed is paid when it does again', async () => {
  const that = await scene({ witness: 'kept' });
  const { app, id } = that;
  await account.turn({ trouble: 'unavailable' });
  const { summary } = await revoke(that);
  expect(summary?.outcome).not.toBe('verified');
  expect(await account.whoami(that.first)).toBe(200);
  const owed = async () => app.deps.registry.obligationsOf(id);
  expect(await owed()).not.toEqual([]);
  await account.turn({ trouble: 'none' });
  for (let round = 0; round < 10 && (await owed()).length > 0; round += 1) {
    await that.advance(5 * 60_000);
    await app.passing(app.settle());
  }
  expect(await owed()).toEqual([]);
  expect(await account.whoami(that.first)).toBe(403);
  await app.stop();
}, 180_000);

it('without a witness the run is not green: sessions are denied, and nobody has shown it', async () => {
  const that = await scene();
  const session = await account.session(that.first);
  const { summary, proof } = await revoke(that);
  expect(summary).toMatchObject({ outcome: 'revoke-pending' });
  const judged = proof.find((record): record is RecordOf<'Judged'> => record.type === 'Judged');
  expect(judged?.cause).toMatch(/^what it derived may be used until 20/);
  expect(await inEveryRegion(session)).toEqual(DENIED);
  await that.app.stop();
}, 120_000);

it('a reissue gives the user a key that works, and its older sessions stay denied', async () => {
  const that = await scene({ witness: 'kept' });
  const session = await account.session(that.first);
  expect((await revoke(that)).summary).toMatchObject({ outcome: 'verified' });
  const people = peopleAround(that.app, that.id);
  const body = { identityId: that.id, reason: 'cleaned up', reissue: RUN };
  const { runId } = (await people.call('requests', alice, 'POST', '/rotations', body)).body;
  const { approvalId, requestSha256 } = await people.waiting(String(runId));
  const decision = { requestSha256, reason: 'as agreed' };
  await people.call('decisions', bob, 'POST', `/approvals/${approvalId}/approve`, decision);
  await people.ended(String(runId));
  expect(await inEveryRegion(await that.current())).toEqual(['ok', 'ok']);
  expect(await inEveryRegion(session)).toEqual(DENIED);
  expect(await account.show(that.user)).toMatchObject({
    attached: [],
    inline: ['rights', 'GaplessDenyOlderSessions'],
  });
  await that.app.stop();
}, 120_000);
