import { startIam, type IamAccount } from '../../apps/local/target/iam/start';
import { iamTarget } from '../../apps/local/target/iam/target';
import { connector } from '../../connectors/iam-access-key';
import type { Call, Subject } from '../../core/call';
import { Material } from '../../core/material';
import { callAs } from '../support/postgres';
import type { Keys } from '../support/iam-scene';

const { operations } = connector;
const HOUR_MS = 3_600_000;
const LONGEST_MS = 36 * HOUR_MS;

let account: IamAccount;
let admin: Call;
let control: Call;
beforeAll(async () => {
  account = await startIam();
  admin = callAs(new Material({ ...(await account.user('admin', 'admin')) }));
  control = callAs(new Material({ ...(await account.user('reader', 'reader')) }));
});
afterAll(async () => account.stop());

interface Given {
  readonly subject: Subject;
  readonly keys: Keys;
  /** The material of the key that was issued beside it. */
  readonly beside: Material;
}

let serial = 0;

/** A user with a role it may assume, in the middle of a rotation: a second key was issued, the first is in use. */
async function given(sessions: object): Promise<Given> {
  serial += 1;
  const id = `orders-${serial}`;
  const keys = await account.user(id, 'tables', { 'gapless:identity': id });
  const role = `${id}-reports`;
  await account.turn({ principal: { kind: 'role', name: role, rights: 'tables', trusts: [id] } });
  const roles = [`arn:aws:iam::111122223333:role/${role}`];
  const target = { ...iamTarget(account, id), sessions: { roles, ...sessions }, pace: { periodMs: 20 } };
  const subject = { identityId: id, strategy: 'second-key', target };
  const { material } = await operations.issue(subject, new Material({ ...keys }), admin);
  return { subject, keys, beside: material };
}

const retire = async ({ subject, keys }: Given) =>
  operations.suspend(subject, { versionId: 'v1', remoteId: keys.accessKeyId }, admin);

async function bound(that: Given, derivation: object = {}) {
  const now = Date.now();
  return operations.boundSessions(
    that.subject,
    { versionId: 'v1', remoteId: that.keys.accessKeyId },
    new Material({ ...that.keys }),
    { refusedAt: now, now, beside: that.beside, ...derivation },
    control,
  );
}

const issueTime = { end: 'issueTime' };

it('sessions of the user and of each role are denied by their time of issue, shown by one of each', async () => {
  const that = await given(issueTime);
  const role = `${that.subject.identityId}-reports`;
  const sessions = [await account.session(that.keys), await account.session(that.keys, role)];
  expect(await bound(that)).toMatchObject({ state: 'open' });
  await retire(that);
  expect(await bound(that)).toEqual({
    state: 'denied',
    signal: 'explicit deny of 2 session(s) in us-east-1, eu-west-1',
  });
  for (const session of sessions)
    expect(await account.listTables(session)).toBe('AccessDeniedException: explicit deny');
});

it('a denial that ends before the key was last seen says nothing about what it made after', async () => {
  const that = await given(issueTime);
  await retire(that);
  const now = Date.now() + 60_000;
  expect(await bound(that, { refusedAt: now, now: Date.now() })).toEqual({
    state: 'open',
    until: now + LONGEST_MS,
  });
});

it('a denial that some place does not know yet leaves sessions open, and says that some are alive', async () => {
  const that = await given(issueTime);
  await account.turn({ propagationMs: 600_000 });
  await retire(that);
  expect(await bound(that)).toMatchObject({ state: 'open', alive: 4 });
  await account.turn({ propagationMs: 0 });
  expect(await bound(that)).toMatchObject({ state: 'denied' });
});

it('a role without a session to show leaves all of it open: its sessions may outlive the user’s', async () => {
  const that = await given(issueTime);
  await retire(that);
  const kept: unknown = JSON.parse(that.beside.reveal('witness') ?? '[]');
  const witness = JSON.stringify(Array.isArray(kept) ? kept.slice(0, 1) : []);
  const beside = that.beside.with({ witness });
  expect(await bound(that, { beside })).toMatchObject({ state: 'open' });
});

it('a control that is denied explicitly as well proves nothing: something on the way denies everybody', async () => {
  const that = await given(issueTime);
  await retire(that);
  const tags = { 'gapless:contained': 'by somebody' };
  const keys = await account.user(`${that.subject.identityId}-control`, 'reader', tags);
  const authority = new Material({ ...keys, authority: 'function' });
  const call = { ...callAs(authority), own: admin.authority };
  const version = { versionId: 'v1', remoteId: that.keys.accessKeyId };
  const now = Date.now();
  const ask = async () =>
    operations.boundSessions(that.subject, version, that.beside, { refusedAt: now, now }, call);
  expect(await ask()).toMatchObject({ state: 'denied' });
  await account.turn({ organization: 'denies-contained' });
  expect(await ask()).toMatchObject({ state: 'open' });
  await account.turn({ organization: 'none' });
});

it('without a denial nothing is kept of a session, and the last possible expiry is said and then over', async () => {
  const that = await given({ end: 'expiry', roles: [] });
  expect(that.beside.reveal('witness')).toBe('[]');
  await retire(that);
  const refusedAt = Date.now();
  expect(await bound(that, { refusedAt })).toEqual({ state: 'open', until: refusedAt + LONGEST_MS });
  const now = refusedAt + LONGEST_MS;
  expect(await bound(that, { refusedAt, now })).toEqual({ state: 'expired', at: now });
});
