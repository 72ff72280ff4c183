import { connect } from 'node:net';
import { once } from 'node:events';
import type { Client } from 'pg';
import { connector } from '../../connectors/postgres-role';
import type { SessionScope } from '../../core/connector';
import { callAs } from '../support/postgres';
import { type Given, type RoleBench, roleBench } from '../support/postgres-role';

const { operations } = connector;
let bench: RoleBench;

beforeAll(async () => {
  bench = await roleBench();
});
afterAll(() => bench.server.stop());

function login({ target }: Given, changes: object = {}): Promise<Client> {
  const { username, password } = credentials(target.current);
  return bench.server.open({ user: username, password, database: target.database, ...changes });
}

function credentials(material: Given['target']['current']) {
  return { username: material.reveal('username') ?? '', password: material.reveal('password') ?? '' };
}

async function count({ subject, target, current }: Given, scope: SessionScope = {}): Promise<number> {
  return (await operations.countSessions(subject, current, scope, callAs(target.control))).count;
}

async function end({ subject, target, current }: Given, scope: SessionScope = {}): Promise<number> {
  return (await operations.endSessions(subject, current, scope, callAs(target.admin))).count;
}

async function alive(client: Client): Promise<boolean> {
  return client.query('SELECT 1').then(
    () => true,
    () => false,
  );
}

describe('counting sessions', () => {
  it('counts by the oid of the role that logged in, whatever SET ROLE and SET SESSION AUTHORIZATION made of it', async () => {
    const that = await bench.given('alternating');
    const [role] = await bench.server.sql<{ oid: string }>('SELECT oid FROM pg_roles WHERE rolname = $1', [
      that.current.remoteId,
    ]);
    const plain = await login(that);
    await plain.query(`SET ROLE ${that.target.owner}`);
    await bench.server.sql(`ALTER ROLE ${that.current.remoteId} SUPERUSER`);
    const disguised = await login(that);
    await disguised.query(`SET SESSION AUTHORIZATION ${that.target.roles[1]}`);
    const seen = await operations.countSessions(that.subject, that.current, {}, callAs(that.target.control));
    expect(seen).toEqual({ count: 2, countedBy: `oid ${role?.oid}` });
  });

  it('still finds them after the role was renamed, under its new name', async () => {
    const that = await bench.given('in-place');
    await login(that);
    await bench.server.sql(`ALTER ROLE ${that.current.remoteId} RENAME TO ${that.current.remoteId}_2`);
    const subject = bench.subjectOf({ ...that.target, roles: [`${that.current.remoteId}_2`] }, 'in-place');
    const current = { ...that.current, remoteId: `${that.current.remoteId}_2` };
    expect(await count({ ...that, subject, current })).toBe(1);
  });

  it('keeps to the client and to the times asked for, by the clock of the server', async () => {
    const that = await bench.given('in-place');
    await login(that, { application_name: 'billing' });
    const { version, material } = await bench.mint(that);
    const { cut } = await operations.apply(that.subject, version, material, callAs(that.target.admin));
    if (cut === undefined) throw new Error('apply gave no cut');
    await login(that, { application_name: 'reports', password: material.reveal('password') });
    expect(await count(that)).toBe(2);
    expect(await count(that, { startedAtOrBefore: cut })).toBe(1);
    expect(await count(that, { startedAfter: cut, client: 'reports' })).toBe(1);
    expect(await count(that, { startedAfter: cut, client: 'billing' })).toBe(0);
  });

  it('counts a login that began before the cut and has not finished: it is held against the old verifier', async () => {
    const that = await bench.given('in-place');
    const socket = connect(bench.server.port, bench.server.host);
    await once(socket, 'connect');
    socket.write(startup(that.current.remoteId, that.target.database));
    await once(socket, 'data');
    const { version, material } = await bench.mint(that);
    const { cut } = await operations.apply(that.subject, version, material, callAs(that.target.admin));
    const scope = cut === undefined ? {} : { startedAtOrBefore: cut };
    expect(await count(that, scope)).toBe(1);
    socket.destroy();
    while ((await count(that, scope)) > 0);
  });

  it('does not count at all when it would not see everything', async () => {
    const that = await bench.given('in-place');
    await bench.server.sql(`REVOKE pg_read_all_stats FROM ${that.target.database}_gapless_control`);
    const failure = await bench.failureOf(count(that));
    expect([failure.name, failure.effect]).toEqual(['AdminRightsMissing', 'none']);
    expect(failure.message).toContain('GRANT pg_read_all_stats');
  });

  it('counts the sessions that outlive their dropped role', async () => {
    const that = await bench.given('alternating');
    const survivor = await login(that);
    await operations.revoke(that.subject, that.current, 'removePrincipal', callAs(that.target.admin));
    expect(await alive(survivor)).toBe(true);
    expect(await count(that)).toBe(1);
    expect(await end(that)).toBe(0);
    await survivor.end();
    while ((await count(that)) > 0);
  });
});

describe('ending sessions', () => {
  it('ends all twenty, one of them in a transaction, and leaves everyone else alone', async () => {
    const that = await bench.given('alternating');
    const other = await bench.given('alternating');
    const bystander = await login(other);
    const old = await Promise.all(Array.from({ length: 20 }, () => login(that)));
    await old[0]?.query('BEGIN');
    await old[0]?.query('SELECT pg_advisory_xact_lock(1)');
    expect(await count(that)).toBe(20);
    expect(await end(that)).toBe(20);
    expect(await count(that)).toBe(0);
    for (const again of [1, 2]) expect([again, await end(that)]).toEqual([again, 0]);
    expect((await Promise.all(old.map(alive))).filter(Boolean)).toEqual([]);
    expect(await alive(bystander)).toBe(true);
  });

  it('ends what was there up to the cut and nothing after it', async () => {
    const that = await bench.given('in-place');
    const before = await login(that);
    const { version, material } = await bench.mint(that);
    const { cut } = await operations.apply(that.subject, version, material, callAs(that.target.admin));
    if (cut === undefined) throw new Error('apply gave no cut');
    const after = await login(that, { password: material.reveal('password') });
    expect(await alive(before)).toBe(true);
    expect(await end(that, { startedAtOrBefore: cut })).toBe(1);
    expect([await alive(before), await alive(after)]).toEqual([false, true]);
  });

  it('reaches a session that hides behind another role', async () => {
    const that = await bench.given('alternating');
    const hidden = await login(that);
    await hidden.query(`SET ROLE ${that.target.owner}`);
    expect(await end(that)).toBe(1);
    expect(await alive(hidden)).toBe(false);
  });
});

it('left no password in the server log nor in any error', () => {
  expect(bench.leaks()).toBe(0);
});

/** StartupMessage, protocol 3.0 (documentation of the frontend/backend protocol, message formats). */
function startup(user: string, database: string): Buffer {
  const parameters = Buffer.from(`user\0${user}\0database\0${database}\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(8 + parameters.length, 0);
  head.writeInt32BE(196_608, 4);
  return Buffer.concat([head, parameters]);
}
