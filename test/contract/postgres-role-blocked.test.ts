import { EventEmitter, once } from 'node:events';
import type { Client } from 'pg';
import { connector } from '../../connectors/postgres-role';
import type { Change } from '../../core/connector';
import { callAs } from '../support/postgres';
import { type Given, type RoleBench, roleBench } from '../support/postgres-role';
import { startPostgresProxy } from '../support/postgres-proxy';

const { operations } = connector;
let bench: RoleBench;

beforeAll(async () => {
  bench = await roleBench();
});
afterAll(() => bench.server.stop());

async function login({ target }: Given): Promise<Client> {
  const [user, password] = ['username', 'password'].map((name) => target.current.reveal(name));
  return bench.server.open({ user, password, database: target.database });
}

async function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}

const alive = async (client: Client): Promise<boolean> => succeeds(client.query('SELECT 1'));

/** Keeps the role's row: what it changes is never committed. */
const holdRow = `SET ROLE NONE; BEGIN; ALTER ROLE CURRENT_USER PASSWORD 'mine'`;
/** Keeps the lock our workers take: the key is public, and of the session's own oid. */
const holdTurn = `SELECT pg_advisory_lock((1734439020::bigint << 32) | oid::bigint)
  FROM pg_roles WHERE rolname = session_user`;

type TakeAway = (given: Given) => Promise<Change>;
const suspend: TakeAway = async ({ subject, current, target }) =>
  operations.suspend(subject, current, callAs(target.admin));
const empty: TakeAway = async ({ subject, current, target }) =>
  operations.revoke(subject, current, 'keepPrincipal', callAs(target.admin));
const remove: TakeAway = async ({ subject, current, target }) =>
  operations.revoke(subject, current, 'removePrincipal', callAs(target.admin));

/** What the attacker has left once its sessions were told to end as well. */
async function leftOf(given: Given) {
  const { subject, current, target } = given;
  await operations.endSessions(subject, current, {}, callAs(target.admin));
  const { count } = await operations.countSessions(subject, current, {}, callAs(target.control));
  return { verdict: (await bench.verdict(given, target.current)).state, sessions: count };
}
const nothing = { verdict: 'refused', sessions: 0 };

/** Logs in and holds, and does so again whenever the session was ended; `begun` once it held for the first time. */
function attackAgain(given: Given, hold: string, until: AbortSignal) {
  const held = new EventEmitter();
  const begun = once(held, 'once');
  const attack = async () => {
    const client = await login(given).catch(() => undefined);
    if (!client) return;
    while (!until.aborted && (await succeeds(client.query(hold)))) held.emit('once');
  };
  const ended = (async () => {
    while (!until.aborted) await attack();
  })();
  return { begun, ended };
}

describe('who has the password and holds what its revocation waits for', () => {
  it.each([
    ['the row, against suspend', holdRow, suspend],
    ['the advisory lock, against suspend', holdTurn, suspend],
    ['the row, against the removal of its password', holdRow, empty],
    ['the advisory lock, against the removal of its password', holdTurn, empty],
    ['the row, against DROP ROLE', holdRow, remove],
    ['the advisory lock, against DROP ROLE', holdTurn, remove],
  ])('loses the credential all the same: %s', async (_what, hold, takeAway) => {
    const that = await bench.given('alternating');
    const other = await bench.given('alternating');
    const bystander = await login(other);
    const attacker = await login(that);
    await attacker.query(hold);
    expect((await takeAway(that)).effect).toBe('applied');
    expect((await bench.verdict(that, that.target.current)).state).toBe('refused');
    if (hold === holdRow) expect(await alive(attacker)).toBe(false);
    if (takeAway !== remove) expect(await leftOf(that)).toEqual(nothing);
    expect(await alive(bystander)).toBe(true);
  });

  it('loses it to a second worker behind whom it stands in the way of the first', async () => {
    const that = await bench.given('alternating');
    const attacker = await login(that);
    await attacker.query(holdRow);
    const both = await Promise.all([suspend(that), suspend(that)]);
    expect(both.map(({ effect }) => effect)).toEqual(['applied', 'applied']);
    expect(await leftOf(that)).toEqual(nothing);
  });

  it.each([
    ['holds the row again', holdRow],
    [
      'changes the row under the hands of the worker',
      `SET ROLE NONE; ALTER ROLE CURRENT_USER PASSWORD 'mine'`,
    ],
    ['holds both again', `${holdTurn}; ${holdRow}`],
  ])('loses it while eight of its clients log in without end and each %s', async (_what, hold) => {
    const that = await bench.given('alternating');
    const until = new AbortController();
    const attackers = Array.from({ length: 8 }, () => attackAgain(that, hold, until.signal));
    await Promise.race(attackers.map(({ begun }) => begun));
    expect((await suspend(that)).effect).toBe('applied');
    expect(await leftOf(that)).toEqual(nothing);
    until.abort();
    await Promise.all(attackers.map(({ ended }) => ended));
  });
});

describe("another role's session", () => {
  it('is not ended when it holds the row: the change fails for now, with nothing changed', async () => {
    const that = await bench.given('alternating');
    const owner = await login(that);
    const blocker = await bench.server.open({ ...bench.server.superuser, database: that.target.database });
    await blocker.query(`BEGIN; ALTER ROLE ${that.current.remoteId} CONNECTION LIMIT 5`);
    const call = callAs(that.target.admin, { timeoutMs: 600 });
    const failure = await bench.failureOf(operations.suspend(that.subject, that.current, call));
    expect([failure.name, failure.effect]).toEqual(['TargetUnreachable', 'none']);
    expect([await alive(blocker), await alive(owner)]).toEqual([true, true]);
    await blocker.query('ROLLBACK');
    expect((await bench.verdict(that, that.target.current)).state).toBe('accepted');
  });

  it('holds nothing up with the advisory lock, and keeps it', async () => {
    const that = await bench.given('alternating');
    const blocker = await bench.server.open({ ...bench.server.superuser, database: that.target.database });
    await blocker.query(holdTurn.replace('session_user', `'${that.current.remoteId}'`));
    expect((await suspend(that)).effect).toBe('applied');
    expect(await alive(blocker)).toBe(true);
  });
});

describe('the order of our own workers, without the advisory lock', () => {
  it('lets no late change with a lower fence make a role usable that was suspended meanwhile', async () => {
    const that = await bench.given('in-place');
    const { version, material } = await bench.mint(that);
    const newer = { ...callAs(that.target.admin), fence: 2 };
    const proxy = await startPostgresProxy({
      target: bench.server,
      async onStatement({ phase, sql }) {
        if (phase === 'before' && sql.startsWith('ALTER ROLE'))
          await operations.suspend(that.subject, that.current, newer);
        return 'pass';
      },
    });
    const subject = bench.subjectOf(that.target, 'in-place', { port: proxy.port });
    const late = operations.apply(subject, version, material, callAs(that.target.admin));
    expect((await bench.failureOf(late)).name).toBe('FenceLost');
    await proxy.stop();
    expect((await bench.verdict(that, material)).state).toBe('refused');
  });

  it('does not believe a fence that no worker of ours can have reached', async () => {
    const that = await bench.given('in-place');
    const comment = (text: string) =>
      bench.server.sql(`COMMENT ON ROLE ${that.current.remoteId} IS '${text}'`);
    await comment('[gapless fence 1000000001]');
    expect((await bench.failureOf(suspend(that))).name).toBe('FenceLost');
    await comment('[gapless fence 999999999999999]');
    expect((await suspend(that)).effect).toBe('applied');
  });
});

it('left no password in the server log nor in any error', () => {
  expect(bench.leaks()).toBe(0);
});
