import { startIam, type IamAccount } from '../../apps/local/target/iam/start';
import { iamTarget } from '../../apps/local/target/iam/target';
import { connector } from '../../connectors/iam-access-key';
import { keysIn } from '../../connectors/iam-access-key/exchange';
import type { Call, Subject } from '../../core/call';
import { Failure } from '../../core/failure';
import { Material } from '../../core/material';
import { callAs } from '../support/postgres';
import type { Keys } from '../support/iam-scene';

const { operations, probe } = connector;
const DATA = { id: 'dynamodb-us-east-1', address: 'dynamodb.us-east-1' };
const MINUTE_MS = 60_000;

let account: IamAccount;
let admin: Call;
let control: Call;
beforeAll(async () => {
  account = await startIam();
  admin = callAs(new Material({ ...(await account.user('admin', 'admin')) }));
  control = callAs(new Material({ ...(await account.user('reader', 'reader')) }));
});
beforeEach(async () => account.turn({ propagationMs: 0, trouble: 'none' }));
afterAll(async () => account.stop());

interface Given {
  readonly subject: Subject;
  readonly keys: Keys;
  readonly version: { readonly versionId: string; readonly remoteId: string };
  readonly material: Material;
}

let serial = 0;
async function given(changes: object = {}): Promise<Given> {
  serial += 1;
  const id = `orders-${serial}`;
  const keys = await account.user(id, 'tables', { 'gapless:identity': id });
  const target = { ...iamTarget(account, id), ...changes };
  return {
    subject: { identityId: id, strategy: 'second-key', target },
    keys,
    version: { versionId: 'v1', remoteId: keys.accessKeyId },
    material: new Material({ ...keys }),
  };
}

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const failure = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure instanceof Failure) return failure;
  throw new Error('expected a Failure', { cause: failure });
}

const seen = async ({ subject, version, material }: Given, path = { id: 'direct' }, call = control) =>
  probe.observe(subject, version, material, path, call);

describe('a presentation proves nothing', () => {
  it.each([
    ['STS', { id: 'direct' }, 'HTTP 403 SignatureDoesNotMatch'],
    ['the data service', DATA, 'HTTP 400 InvalidSignatureException'],
  ])('at %s with a wrong secret of a key that lives', async (_where, path, rawCode) => {
    const that = await given();
    const material = that.material.with({ secretAccessKey: 'another' });
    const observation = await seen({ ...that, material }, path);
    expect([observation.verdict.state, observation.rawCode]).toEqual(['inconclusive', rawCode]);
  });

  it.each([
    ['STS', { id: 'direct' }],
    ['the data service', DATA],
  ])(
    'at %s when a clock is 20 minutes off, though the code is that of a wrong signature',
    async (_where, path) => {
      const that = await given();
      const call = { ...control, now: () => Date.now() - 20 * MINUTE_MS };
      expect((await seen(that, path, call)).verdict.state).toBe('inconclusive');
    },
  );

  it('when the code comes out of an entity', async () => {
    const that = await given({ endpoint: `${account.endpoint}/fault/entities` });
    expect((await seen(that)).verdict.state).toBe('inconclusive');
  });
});

describe('whose key it is', () => {
  it('is said by the tag of its user: one of another identity is left alone', async () => {
    const that = await given();
    const subject = { ...that.subject, identityId: 'somebody-else' };
    for (const verb of ['suspend', 'isolate'] as const) {
      const work =
        verb === 'suspend'
          ? operations.suspend(subject, that.version, admin)
          : operations.isolate(subject, admin);
      const failure = await failureOf(work);
      expect([failure.name, failure.effect]).toEqual(['InvalidInput', 'none']);
      expect(failure.message).toMatch(/names orders-\d+, .* left alone.*Set the tag/);
    }
    expect(await account.listTables(that.keys)).toBe('ok');
  });

  it('is said of a key by a tag of its own: it is listed, not touched, and its user not denied everything', async () => {
    const that = await given();
    const user = that.subject.identityId;
    const { made } = await account.turn({ keyFor: user });
    const foreign = made?.accessKeyId ?? '';
    await account.turn({ tag: { user, name: `gapless:key:${foreign}`, value: 'reports' } });
    const failure = await failureOf(
      operations.revoke(that.subject, { versionId: 'v9', remoteId: foreign }, 'removePrincipal', admin),
    );
    expect(failure.message).toMatch(/belongs to reports, not to orders-/);
    const isolated = await operations.isolate(that.subject, admin);
    expect(isolated).toMatchObject({ effect: 'notApplicable', left: expect.stringContaining(foreign) });
    expect(await account.show(user)).toMatchObject({ attached: [], keys: [{}, { status: 'Active' }] });
  });
});

async function listedRun(that: Given): Promise<readonly (string | undefined)[]> {
  const live = await operations.list(that.subject, control);
  return live.map(({ runId }) => runId);
}
const issuing = (that: Given, value: string) =>
  account.turn({ tag: { user: that.subject.identityId, name: 'gapless:issuing', value } });

describe('a key without a label', () => {
  it('is attributed to the run whose intent was there just before it came to be', async () => {
    const that = await given();
    await issuing(that, `run-7 ${new Date().toISOString()} ${that.keys.accessKeyId}`);
    await account.turn({ keyFor: that.subject.identityId });
    expect(await listedRun(that)).toEqual([undefined, 'run-7']);
  });

  it('is attributed to nobody when it is older than the intent, came too late, or was used', async () => {
    const older = await given();
    await issuing(older, `run-7 ${new Date().toISOString()} ${older.keys.accessKeyId}`);
    const late = await given();
    await issuing(late, `run-7 ${new Date(Date.now() - MINUTE_MS).toISOString()}`);
    const used = await given();
    await account.whoami(used.keys);
    await issuing(used, `run-7 ${new Date().toISOString()}`);
    for (const that of [older, late, used]) expect(await listedRun(that)).toEqual([undefined]);
  });

  it('keeps another from being made when the user is full, and the message says what to do', async () => {
    const that = await given();
    await account.turn({ keyFor: that.subject.identityId });
    const failure = await failureOf(operations.issue(that.subject, that.material, admin));
    expect([failure.name, failure.effect]).toEqual(['QuotaReached', 'none']);
    expect(failure.message).toMatch(/\(active\) and AKIA.*inactive ones included.*get-access-key-last-used/);
    expect((await account.show(that.subject.identityId)).tags).not.toHaveProperty('gapless:issuing');
  });
});

it('a key that was used long after it was made inactive is kept and told, and deleted by nobody but a person', async () => {
  const that = await given();
  const user = that.subject.identityId;
  await account.whoami(that.keys);
  await operations.suspend(that.subject, that.version, admin);
  const name = `gapless:inactive:${that.keys.accessKeyId}`;
  await account.turn({ tag: { user, name, value: new Date(Date.now() - MINUTE_MS).toISOString() } });
  const change = await operations.revoke(that.subject, that.version, 'keepPrincipal', admin);
  expect(change).toMatchObject({
    effect: 'deferred',
    left: expect.stringMatching(/was used at .*CloudTrail/),
  });
  expect((await account.show(user)).keys).toMatchObject([{ status: 'Inactive' }]);
});

describe('the authority of a secret', () => {
  const own = callAs(new Material({ authority: 'function' }));

  it('is the function’s own where it says so', async () => {
    const that = await given();
    const call = { ...own, own: admin.authority };
    expect(await operations.suspend(that.subject, that.version, call)).toMatchObject({ effect: 'applied' });
  });

  it.each([
    ['a function without credentials', own, /has no credentials of its own/],
    ['a secret without any', callAs(new Material({ token: 'x' })), /neither authority: function nor/],
  ])('is missing for %s: nothing is sent', async (_what, call, says) => {
    const failure = await failureOf(operations.list((await given()).subject, call));
    expect([failure.name, failure.effect]).toEqual(['AdminSecretMissing', 'none']);
    expect(failure.message).toMatch(says);
  });

  it('that does not suffice is named with the action it lacks', async () => {
    const that = await given();
    const failure = await failureOf(operations.suspend(that.subject, that.version, control));
    expect(failure.name).toBe('AdminRightsMissing');
    expect(failure.message).toMatch(
      /^iam:UpdateAccessKey answered HTTP 403 AccessDenied\. .*Nothing was changed$/,
    );
    expect(await account.whoami(that.keys)).toBe(200);
  });
});

it.each([
  ['throttled', 'TargetThrottled', 'none'],
  ['unavailable', 'TargetUnreachable', 'unknown'],
] as const)(
  'IAM that is %s fails the change as %s, and what may have changed is said',
  async (trouble, name, effect) => {
    const that = await given();
    await account.turn({ trouble });
    const failure = await failureOf(operations.suspend(that.subject, that.version, admin));
    expect([failure.name, failure.effect]).toEqual([name, effect]);
  },
);

it('a user that does not exist has no credentials, and revoking what it had is done', async () => {
  const that = await given({ user: 'nobody' });
  expect(await operations.list(that.subject, control)).toEqual([]);
  expect(await operations.isolate(that.subject, admin)).toEqual({ effect: 'alreadySo' });
  expect(await operations.suspend(that.subject, that.version, admin)).toEqual({ effect: 'alreadySo' });
  expect((await failureOf(operations.preflight(that.subject, undefined, admin))).name).toBe(
    'PrincipalMissing',
  );
});

it('material of another kind is none of it', () => {
  expect(keysIn(new Material({ username: 'x' }))).toBeUndefined();
  expect(
    operations.remoteIdOf({ identityId: 'x', strategy: '', target: {} }, new Material({})),
  ).toBeUndefined();
});
