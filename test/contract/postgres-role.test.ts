import { connector } from '../../connectors/postgres-role';
import type { Material } from '../../core/material';
import type { SeededTarget } from '../support/postgres';
import { callAs } from '../support/postgres';
import { type RoleBench, roleBench } from '../support/postgres-role';

const { operations } = connector;
let bench: RoleBench;

beforeAll(async () => {
  bench = await roleBench();
});
afterAll(() => bench.server.stop());

const refused = { state: 'refused', signal: '28P01' };
const accepted = { state: 'accepted' };

describe('preflight', () => {
  it.each(['in-place', 'alternating'] as const)(
    'passes on a target prepared as the README says (%s)',
    async (strategy) => {
      const { subject, target, current } = await bench.given(strategy);
      await operations.preflight(subject, current, callAs(target.admin));
    },
  );

  const faults: [what: string, sql: (target: SeededTarget) => string, code: string, says: RegExp][] = [
    [
      'a role that does not exist',
      (t) => `DROP ROLE ${t.roles[1]}`,
      'PrincipalMissing',
      /target\.roles\.1: there is no role .*CREATE ROLE/,
    ],
    [
      'an owner that does not exist',
      (t) => `ALTER ROLE ${t.owner} RENAME TO ${t.owner}_gone`,
      'PrincipalMissing',
      /target\.owner/,
    ],
    [
      'an admin without ADMIN OPTION',
      (t) => `REVOKE ${t.roles[0]} FROM ${t.database}_gapless_admin`,
      'AdminRightsMissing',
      /GRANT "shop\d+_a" TO .* WITH ADMIN TRUE/,
    ],
    [
      'an admin without CREATEROLE',
      (t) => `ALTER ROLE ${t.database}_gapless_admin NOCREATEROLE`,
      'AdminRightsMissing',
      /ALTER ROLE .* CREATEROLE/,
    ],
    [
      'an admin who may not end sessions',
      (t) => `REVOKE pg_signal_backend FROM ${t.database}_gapless_admin`,
      'AdminRightsMissing',
      /GRANT pg_signal_backend/,
    ],
    [
      'an admin who does not see sessions',
      (t) => `REVOKE pg_read_all_stats FROM ${t.database}_gapless_admin`,
      'AdminRightsMissing',
      /GRANT pg_read_all_stats/,
    ],
    [
      'a login role outside the owner',
      (t) => `REVOKE ${t.owner} FROM ${t.roles[1]}`,
      'AdminRightsMissing',
      /GRANT "shop\d+_owner" TO "shop\d+_b"/,
    ],
    [
      'a membership that forbids SET ROLE',
      (t) => `GRANT ${t.owner} TO ${t.roles[1]} WITH SET FALSE`,
      'AdminRightsMissing',
      /SET ROLE/,
    ],
    [
      'a superuser as the identity',
      (t) => `ALTER ROLE ${t.roles[0]} SUPERUSER`,
      'AdminRightsMissing',
      /superuser/,
    ],
    [
      'an account that has run out',
      (t) => `ALTER ROLE ${t.roles[0]} VALID UNTIL '2001-01-01'`,
      'TargetRejected',
      /VALID UNTIL/,
    ],
  ];
  it.each(faults)('names %s and the statement to run', async (_what, sql, code, says) => {
    const { subject, target, current } = await bench.given('alternating');
    await bench.server.sql(sql(target));
    const failure = await bench.failureOf(operations.preflight(subject, current, callAs(target.admin)));
    expect([failure.name, failure.effect]).toEqual([code, 'none']);
    expect(failure.message).toMatch(says);
    expect(failure.message).toMatch(/Nothing was changed/);
  });

  it('tells an admin secret that is refused, one that is incomplete, a missing database and a target that is down apart', async () => {
    const { target, current } = await bench.given('in-place');
    const codeOf = async (authority: Material, changes: object = {}) => {
      const changed = bench.subjectOf(target, 'in-place', changes);
      const failure = await bench.failureOf(operations.preflight(changed, current, callAs(authority)));
      return `${failure.name} ${failure.effect}`;
    };
    expect(await codeOf(target.admin.with({ password: 'wrong' }))).toBe('AdminRightsMissing none');
    expect(await codeOf(target.admin.with({ password: '' }))).toBe('AdminSecretMissing none');
    expect(await codeOf(target.admin, { database: 'nowhere' })).toBe('InvalidInput none');
    expect(await codeOf(target.admin, { port: 1 })).toBe('TargetUnreachable none');
    expect(await codeOf(target.admin, { tls: { mode: 'require' } })).toBe('TargetUnreachable none');
  });

  it('holds the number of roles against the strategy', async () => {
    const { subject, target, current } = await bench.given('in-place');
    const failure = await bench.failureOf(
      operations.preflight({ ...subject, strategy: 'alternating' }, current, callAs(target.admin)),
    );
    expect(failure.name).toBe('InvalidInput');
    expect(failure.message).toMatch(/target\.roles: got 1 .*alternating wants exactly 2/);
  });
});

describe('a rotation in place', () => {
  it('replaces the password of the one role, and the old one is refused at once', async () => {
    const that = await bench.given('in-place');
    const { subject, target, current } = that;
    const { version, material } = await bench.mint(that);
    expect(version.remoteId).toBe(current.remoteId);
    expect(material.reveal('password')).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(await bench.verdict(that, material)).toEqual(refused);
    const change = await operations.apply(subject, version, material, callAs(target.admin));
    expect(change).toEqual({
      effect: 'applied',
      cut: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}Z$/),
    });
    expect(await bench.verdict(that, material)).toEqual(accepted);
    expect(await bench.verdict(that, target.current)).toEqual(refused);
    expect(await operations.revoke(subject, current, 'keepPrincipal', callAs(target.admin))).toEqual({
      effect: 'notApplicable',
    });
    expect(await bench.verdict(that, material)).toEqual(accepted);
  });

  it('applies the same material three times, two of them at once, with one result', async () => {
    const that = await bench.given('in-place');
    const { version, material } = await bench.mint(that);
    const apply = () => operations.apply(that.subject, version, material, callAs(that.target.admin));
    await Promise.all([apply(), apply()]);
    await apply();
    expect(await bench.verdict(that, material)).toEqual(accepted);
  });
});

describe('an alternating rotation', () => {
  it('lets both passwords work until the old role is suspended, and keeps that as the idle slot', async () => {
    const that = await bench.given('alternating');
    const { subject, target, current } = that;
    const { version, material } = await bench.mint(that);
    expect([current.remoteId, version.remoteId]).toEqual(target.roles);
    await operations.apply(subject, version, material, callAs(target.admin));
    expect([await bench.verdict(that, target.current), await bench.verdict(that, material)]).toEqual([
      accepted,
      accepted,
    ]);
    for (const effect of ['applied', 'applied', 'applied']) {
      expect(await operations.suspend(subject, current, callAs(target.admin))).toMatchObject({ effect });
    }
    expect([await bench.verdict(that, target.current), await bench.verdict(that, material)]).toEqual([
      refused,
      accepted,
    ]);
    for (const effect of ['applied', 'applied', 'applied']) {
      expect(await operations.revoke(subject, current, 'keepPrincipal', callAs(target.admin))).toMatchObject({
        effect,
      });
    }
    expect(await bench.verdict(that, target.current)).toEqual(refused);
    const [slot] = await bench.server.sql(
      'SELECT rolcanlogin, rolpassword FROM pg_authid WHERE rolname = $1',
      [current.remoteId],
    );
    expect(slot).toEqual({ rolcanlogin: false, rolpassword: null });
    expect((await bench.mint(that, material)).version.remoteId).toBe(current.remoteId);
  });

  it('makes the new role act as the owner, so that what it creates has one owner', async () => {
    const that = await bench.given('alternating');
    const { version, material } = await bench.mint(that);
    await bench.server.sql(`ALTER ROLE ${version.remoteId} RESET role`);
    await operations.apply(that.subject, version, material, callAs(that.target.admin));
    const client = await bench.server.open({
      user: version.remoteId,
      password: material.reveal('password'),
      database: that.target.database,
    });
    expect((await client.query('SELECT current_user')).rows).toEqual([{ current_user: that.target.owner }]);
  });

  it('brings a suspended version back from the material in the vault', async () => {
    const that = await bench.given('alternating');
    await operations.suspend(that.subject, that.current, callAs(that.target.admin));
    expect(await bench.verdict(that, that.target.current)).toEqual(refused);
    await operations.apply(that.subject, that.current, that.target.current, callAs(that.target.admin));
    expect(await bench.verdict(that, that.target.current)).toEqual(accepted);
  });

  it('lists its own roles, and members of the owner it does not know as nobody it may touch', async () => {
    const { subject, target } = await bench.given('alternating');
    await bench.server.sql(`CREATE ROLE ${target.database}_stray LOGIN IN ROLE ${target.owner}`);
    expect(await operations.list(subject, callAs(target.control))).toEqual([
      { remoteId: target.roles[0], status: 'active', attributable: true },
      { remoteId: target.roles[1], status: 'suspended', attributable: true },
      { remoteId: `${target.database}_stray`, status: 'active', attributable: false },
    ]);
  });
});

describe('removing the principal', () => {
  it('drops a role nothing depends on, and counts an absent one as done', async () => {
    const { subject, target, current } = await bench.given('alternating');
    const remove = () => operations.revoke(subject, current, 'removePrincipal', callAs(target.admin));
    expect((await remove()).effect).toBe('applied');
    for (const again of [remove, remove]) expect((await again()).effect).toBe('alreadySo');
    expect((await operations.suspend(subject, current, callAs(target.admin))).effect).toBe('alreadySo');
    expect((await operations.revoke(subject, current, 'keepPrincipal', callAs(target.admin))).effect).toBe(
      'alreadySo',
    );
    expect((await operations.list(subject, callAs(target.control))).map((live) => live.remoteId)).toEqual([
      target.roles[1],
    ]);
  });

  it('does what two workers ask for at once a single time', async () => {
    const { subject, target, current } = await bench.given('alternating');
    const remove = () => operations.revoke(subject, current, 'removePrincipal', callAs(target.admin));
    const suspend = () => operations.suspend(subject, current, callAs(target.admin));
    const empty = () => operations.revoke(subject, current, 'keepPrincipal', callAs(target.admin));
    await Promise.all([suspend(), suspend(), empty(), empty()]);
    const removed = await Promise.all([remove(), remove()]);
    expect(removed.map((change) => change.effect).toSorted()).toEqual(['alreadySo', 'applied']);
  });

  it('defers a role that owns things, says what and where, and leaves it unable to log in', async () => {
    const that = await bench.given('in-place');
    const { subject, target, current } = that;
    await bench.server.sql(`CREATE TABLE orders (id int)`, [], target.database);
    await bench.server.sql(`ALTER TABLE orders OWNER TO ${current.remoteId}`, [], target.database);
    await bench.server.sql(`GRANT SELECT ON pg_class TO ${current.remoteId}`);
    for (const call of [callAs(target.admin), callAs(target.admin)]) {
      const change = await operations.revoke(subject, current, 'removePrincipal', call);
      expect(change.effect).toBe('deferred');
      expect(change.left).toMatch(
        /on 1 object in database postgres, 1 object in database shop\d+, 1 object shared by all databases;/,
      );
    }
    expect(await bench.verdict(that, target.current)).toEqual(refused);
    expect(
      await bench.server.sql(
        'SELECT 1 AS kept FROM pg_class WHERE relname = $1',
        ['orders'],
        target.database,
      ),
    ).toEqual([{ kept: 1 }]);
  });

  it('says which role to create when a version is applied to one that is gone', async () => {
    const { subject, target, current } = await bench.given('alternating');
    await operations.revoke(subject, current, 'removePrincipal', callAs(target.admin));
    const failure = await bench.failureOf(
      operations.apply(subject, current, target.current, callAs(target.admin)),
    );
    expect([failure.name, failure.effect]).toEqual(['PrincipalMissing', 'none']);
    expect(failure.message).toContain(`CREATE ROLE "${current.remoteId}"`);
  });
});

describe('secrets', () => {
  it('left no password in the server log, which holds every statement, nor in any error', () => {
    expect(bench.server.logText()).toContain('SCRAM-SHA-256$4096:');
    expect(bench.secrets().length).toBeGreaterThan(20);
    expect(bench.leaks()).toBe(0);
  });
});
