import { createServer, type Server, type Socket } from 'node:net';
import { connector } from '../../connectors/postgres-role';
import type { Call } from '../../core/call';
import type { Material } from '../../core/material';
import type { Observation } from '../../core/probe';
import { listenOnLoopback } from '../support/loopback';
import { callAs, reconfigure, seedTarget, type TestPostgres, testPostgres } from '../support/postgres';
import { type Given, type RoleBench, roleBench } from '../support/postgres-role';

let bench: RoleBench;
let that: Given;
const servers: Server[] = [];

beforeAll(async () => {
  bench = await roleBench();
  that = await bench.given('in-place');
  for (const name of ['trusting', 'barred', 'cleartext', 'md5'])
    await bench.server.sql(`CREATE DATABASE ${name}`);
  const rules = [
    'trusting all 127.0.0.1/32 trust',
    'barred all 127.0.0.1/32 reject',
    'cleartext all 127.0.0.1/32 password',
  ];
  await reconfigure(
    bench.server,
    rules.map((rule) => `host ${rule}`),
  );
});
afterAll(async () => {
  for (const server of servers) server.close();
  await bench.server.stop();
});

function observe(material: Material, changes: object = {}, call: Partial<Call> = {}): Promise<Observation> {
  const subject = bench.subjectOf(that.target, 'in-place', changes);
  return connector.probe.observe(
    subject,
    that.current,
    material,
    { id: 'direct' },
    callAs(that.target.control, call),
  );
}

function wrong(): Material {
  return connector.probe.randomLike(that.target.current, callAs(that.target.control));
}

/** A server of our own that answers whatever it is sent first with `answer`, and keeps what it was sent. */
async function impostor(answer: (socket: Socket) => void) {
  let heard = '';
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => answer(socket));
    socket.on('data', (piece) => (heard += piece.toString('latin1')));
  });
  servers.push(server);
  return { port: await listenOnLoopback(server), heard: () => heard };
}

/** One message of the frontend/backend protocol. */
function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5, type);
  head.writeInt32BE(4 + body.length, 1);
  return Buffer.concat([head, body]);
}

function authentication(code: number, more = Buffer.alloc(0)): Buffer {
  const number = Buffer.alloc(4);
  number.writeInt32BE(code);
  return message('R', Buffer.concat([number, more]));
}

function role(): string {
  return that.current.remoteId;
}

describe('what proves something', () => {
  const rows: [
    what: string,
    state: (t: Given) => string[],
    undo: () => string[],
    verdict: object,
    code: string,
  ][] = [
    ['the right password', () => [], () => [], { state: 'accepted' }, '00000'],
    [
      'an account that has run out',
      () => [`ALTER ROLE ${role()} VALID UNTIL '2001-01-01'`],
      () => [`ALTER ROLE ${role()} VALID UNTIL 'infinity'`],
      { state: 'refused', signal: '28P01' },
      '28P01',
    ],
    [
      'an account that may not log in',
      () => [`ALTER ROLE ${role()} NOLOGIN`],
      () => [`ALTER ROLE ${role()} LOGIN`],
      { state: 'refused', signal: '28000' },
      '28000',
    ],
    [
      'a role at its connection limit',
      () => [`ALTER ROLE ${role()} CONNECTION LIMIT 0`],
      () => [`ALTER ROLE ${role()} CONNECTION LIMIT -1`],
      { state: 'accepted' },
      '53300',
    ],
    [
      'a database at its connection limit',
      (t) => [`ALTER DATABASE ${t.target.database} CONNECTION LIMIT 0`],
      () => [`ALTER DATABASE ${that.target.database} CONNECTION LIMIT -1`],
      { state: 'accepted' },
      '53300',
    ],
    [
      'no right to connect',
      (t) => [
        `ALTER DATABASE ${t.target.database} OWNER TO postgres`,
        `REVOKE CONNECT ON DATABASE ${t.target.database} FROM PUBLIC, ${role()}`,
      ],
      () => [`GRANT CONNECT ON DATABASE ${that.target.database} TO PUBLIC`],
      { state: 'accepted' },
      '42501',
    ],
  ];
  it.each(rows)('%s; with a wrong password 28P01 every time', async (_what, state, undo, verdict, code) => {
    for (const sql of state(that)) await bench.server.sql(sql);
    expect(await observe(that.target.current)).toEqual({
      verdict,
      rawCode: code,
      latencyMs: expect.any(Number),
    });
    expect(await observe(wrong())).toMatchObject({
      verdict: { state: 'refused', signal: '28P01' },
      rawCode: '28P01',
    });
    for (const sql of undo()) await bench.server.sql(sql);
  });

  it('a database that is missing: the password was accepted', async () => {
    const missing = { database: 'nowhere' };
    expect(await observe(that.target.current, missing)).toMatchObject({
      verdict: { state: 'accepted' },
      rawCode: '3D000',
    });
    expect(await observe(wrong(), missing)).toMatchObject({ verdict: { state: 'refused', signal: '28P01' } });
  });

  it('a role that does not exist: refused like a wrong password', async () => {
    const nobody = that.target.current.with({ username: 'nobody_at_all' });
    expect(await observe(nobody)).toMatchObject({ verdict: { state: 'refused', signal: '28P01' } });
  });

  it('takes the address of the path when there is one', async () => {
    const { current, target } = that;
    const away = bench.subjectOf(target, 'in-place', { port: 1 });
    const at = (address: string) =>
      connector.probe.observe(away, current, target.current, { id: 'edge', address }, callAs(target.control));
    for (const address of [`127.0.0.1:${bench.server.port}`, `postgres://127.0.0.1:${bench.server.port}/x`]) {
      expect((await at(address)).verdict).toEqual({ state: 'accepted' });
    }
    expect((await at('127.0.0.1')).rawCode).toBe('ECONNREFUSED');
  });
});

describe('what proves nothing', () => {
  const rows: [what: string, changes: object, code: string, cause: RegExp][] = [
    ['a line of pg_hba.conf that rejects', { database: 'barred' }, '28000', /before it had checked/],
    ['a server that trusts everyone', { database: 'trusting' }, '00000', /without asking for the password/],
    [
      'a server that wants the password in clear',
      { database: 'cleartext' },
      'SCRAM_NOT_OFFERED',
      /SCRAM_NOT_OFFERED/,
    ],
    ['a port nobody listens on', { port: 1 }, 'ECONNREFUSED', /ECONNREFUSED/],
    [
      'a name that does not resolve',
      { host: 'database.invalid' },
      'ENOTFOUND|EAI_AGAIN',
      /ENOTFOUND|EAI_AGAIN/,
    ],
    ['TLS to a server without', { tls: { mode: 'require' } }, 'TLS_NOT_OFFERED', /TLS_NOT_OFFERED/],
  ];
  it.each(rows)('%s, whether the password is right or not', async (_what, changes, code, cause) => {
    for (const material of [that.target.current, wrong()]) {
      const seen = await observe(material, changes);
      expect(seen.verdict).toEqual({ state: 'inconclusive', cause: expect.stringMatching(cause) });
      expect(seen.rawCode).toMatch(new RegExp(`^(${code})$`));
    }
  });

  it('an account that may not log in, where nobody asked for a password', async () => {
    await bench.server.sql(`ALTER ROLE ${that.current.remoteId} NOLOGIN`);
    expect((await observe(wrong(), { database: 'trusting' })).verdict.state).toBe('inconclusive');
    await bench.server.sql(`ALTER ROLE ${that.current.remoteId} LOGIN`);
  });

  it('a secret without a password', async () => {
    const seen = await observe(that.target.current.with({ password: '' }));
    expect([seen.verdict.state, seen.rawCode]).toEqual(['inconclusive', 'NO_PASSWORD']);
  });

  it('silence, which ends in time', async () => {
    const silent = await impostor(() => undefined);
    const seen = await observe(that.target.current, { port: silent.port }, { timeoutMs: 200 });
    expect([seen.verdict.state, seen.rawCode]).toEqual(['inconclusive', 'TIMEOUT']);
  });

  it.each([
    ['cleartext', authentication(3)],
    ['MD5', authentication(5, Buffer.from('salt'))],
  ])('a request for the password as %s: it is not handed over', async (_how, request) => {
    const thief = await impostor((socket) => socket.write(request));
    const seen = await observe(that.target.current, { port: thief.port });
    expect([seen.verdict.state, seen.rawCode]).toEqual(['inconclusive', 'SCRAM_NOT_OFFERED']);
    expect(thief.heard()).toContain(that.current.remoteId);
    // The startup message is all it heard: a password message would begin with p.
    expect(thief.heard().slice(8)).not.toMatch(/\0p\0\0/);
    expect(thief.heard()).not.toContain(that.target.current.reveal('password'));
  });

  it('an impostor that lets everyone in', async () => {
    const ready = Buffer.concat([authentication(0), message('Z', Buffer.from('I'))]);
    const liar = await impostor((socket) => {
      socket.write(ready);
      socket.once('data', () =>
        socket.write(
          Buffer.concat([message('C', Buffer.from('SELECT 1\0')), message('Z', Buffer.from('I'))]),
        ),
      );
    });
    const seen = await observe(that.target.current, { port: liar.port });
    expect(seen.verdict).toEqual({ state: 'inconclusive', cause: expect.stringMatching(/without asking/) });
  });

  it('an impostor that says 28P01 without having asked', async () => {
    const fields = Buffer.from('SFATAL\0C28P01\0Mpassword authentication failed\0\0');
    const liar = await impostor((socket) => socket.end(message('E', fields)));
    const seen = await observe(that.target.current, { port: liar.port });
    expect([seen.verdict.state, seen.rawCode]).toEqual(['inconclusive', '28P01']);
  });
});

describe('a server that is full, or going down', () => {
  let small: TestPostgres;
  beforeAll(async () => {
    small = await testPostgres([
      '-c',
      'max_connections=6',
      '-c',
      'superuser_reserved_connections=2',
      '-c',
      'max_wal_senders=0',
    ]);
  });
  afterAll(() => small.stop());

  it('proves nothing: the limit of all is not the limit of the role', async () => {
    const target = await seedTarget(small, 'full', 'in-place');
    const { host, port } = small;
    const document = { host, port, database: 'full', tls: { mode: 'disable' }, roles: target.roles };
    const subject = { identityId: 'full', strategy: 'in-place', target: document };
    const version = { versionId: 'v1', remoteId: target.roles[0] ?? '' };
    const look = () =>
      connector.probe.observe(subject, version, target.current, { id: 'direct' }, callAs(target.control));
    expect((await look()).verdict).toEqual({ state: 'accepted' });
    const control = { user: target.control.reveal('username'), password: target.control.reveal('password') };
    for (const login of Array.from({ length: 4 }, () => control)) await small.open(login);
    expect(await look()).toMatchObject({ verdict: { state: 'inconclusive' }, rawCode: '53300' });
    for (const login of [small.superuser, small.superuser]) await small.open(login);
    expect(await look()).toMatchObject({ verdict: { state: 'inconclusive' }, rawCode: '53300' });
    // A smart shutdown: it waits for the sessions there are and turns new ones away.
    process.kill(small.pid, 'SIGTERM');
    let seen = await look();
    while (seen.rawCode === '53300') seen = await look();
    expect(seen).toMatchObject({ verdict: { state: 'inconclusive' }, rawCode: '57P03' });
  });
});

it('left no password in the server log', () => {
  expect(bench.leaks()).toBe(0);
});
