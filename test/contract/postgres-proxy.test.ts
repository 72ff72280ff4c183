import { EventEmitter, once } from 'node:events';
import { Client } from 'pg';
import {
  type PostgresProxy,
  type StatementEvent,
  type StatementHook,
  startPostgresProxy,
} from '../support/postgres-proxy';
import { maskLiterals } from '../support/postgres-wire';
import { type TestPostgres, testPostgres } from '../support/postgres';

let postgres: TestPostgres;
let proxies: PostgresProxy[] = [];
let clients: Client[] = [];

beforeAll(async () => {
  postgres = await testPostgres();
});
afterAll(() => postgres.stop());

beforeEach(() => {
  proxies = [];
  clients = [];
});
afterEach(async () => {
  await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
  await Promise.all(proxies.map((proxy) => proxy.stop()));
});

async function proxyWith(onStatement?: StatementHook): Promise<PostgresProxy> {
  const proxy = await startPostgresProxy({ target: postgres, ...(onStatement ? { onStatement } : {}) });
  proxies.push(proxy);
  return proxy;
}

function clientOn(port: number, password = postgres.superuser.password): Client {
  const { user } = postgres.superuser;
  const client = new Client({
    host: '127.0.0.1',
    port,
    database: 'postgres',
    user,
    password,
    application_name: 'teller',
  });
  client.on('error', () => undefined);
  clients.push(client);
  return client;
}

async function connected(port: number): Promise<Client> {
  const client = clientOn(port);
  await client.connect();
  return client;
}

describe('a statement on its way', () => {
  it('is named before and after, with who sent it and with its literals masked', async () => {
    const events: StatementEvent[] = [];
    const { port } = await proxyWith((event) => {
      events.push(event);
      return Promise.resolve('pass');
    });
    const client = await connected(port);
    await client.query("SELECT 'hunter2' AS a");
    await client.query('SELECT $1::text AS b', ['hunter3']);
    await client.query({ name: 'twice', text: 'SELECT $1::int', values: [1] });
    await client.query({ name: 'twice', text: 'SELECT $1::int', values: [2] });
    await expect(client.query('SELECT 1/0')).rejects.toThrow('division by zero');

    const who = { user: postgres.superuser.user, applicationName: 'teller', connectionId: 1 };
    const both = (sql: string, failed = {}) => [
      { phase: 'before', sql, ...who },
      { phase: 'after', sql, ...who, ...failed },
    ];
    expect(events).toEqual([
      ...both("SELECT '…' AS a"),
      ...both('SELECT $1::text AS b'),
      ...both('SELECT $1::int'),
      ...both('SELECT $1::int'),
      ...both('SELECT 1/0', { sqlState: '22012' }),
    ]);
  });

  it('has no effect when it is cut before', async () => {
    const { port, counts } = await proxyWith(({ sql }) =>
      Promise.resolve(sql.startsWith('CREATE') ? 'cut' : 'pass'),
    );
    const client = await connected(port);
    await expect(client.query('CREATE TABLE cut_before ()')).rejects.toThrow('Connection terminated');
    const direct = await connected(postgres.port);
    expect((await direct.query("SELECT to_regclass('cut_before') AS found")).rows).toEqual([{ found: null }]);
    expect(counts.cuts).toBe(1);
  });

  it.each([
    ['one message', (client: Client) => client.query('CREATE TABLE cut_after_1 ()'), 'cut_after_1'],
    [
      'parse, bind and execute',
      (client: Client) => client.query({ name: 'c', text: 'CREATE TABLE cut_after_2 ()' }),
      'cut_after_2',
    ],
  ])('has its effect and no answer when it is cut after (%s)', async (_case, send, table) => {
    const { port } = await proxyWith(({ phase }) => Promise.resolve(phase === 'after' ? 'cut' : 'pass'));
    await expect(send(await connected(port))).rejects.toThrow('Connection terminated');
    const direct = await connected(postgres.port);
    expect((await direct.query('SELECT to_regclass($1) AS found', [table])).rows).toEqual([{ found: table }]);
  });

  it('lets the hook look at the target before the client hears of the answer', async () => {
    const order: string[] = [];
    const direct = await connected(postgres.port);
    const { port } = await proxyWith(async ({ phase, sql }) => {
      if (sql.startsWith('CREATE')) {
        const { rows } = await direct.query<{ found: unknown }>("SELECT to_regclass('sampled') AS found");
        order.push(`${phase}: ${String(rows[0]?.found)}`);
      }
      return 'pass';
    });
    await (await connected(port)).query('CREATE TABLE sampled ()');
    order.push('client');
    expect(order).toEqual(['before: null', 'after: sampled', 'client']);
  });

  it('waits while it is held, and other connections do not', async () => {
    const order: string[] = [];
    const gate = new EventEmitter();
    const holdUntil = once(gate, 'open');
    const { port } = await proxyWith(({ phase, sql }) =>
      Promise.resolve(phase === 'before' && sql === 'SELECT 1' ? { holdUntil } : 'pass'),
    );
    const [held, free] = [await connected(port), await connected(port)];
    const first = held.query('SELECT 1').then(() => order.push('held'));
    await free.query('SELECT 2').then(() => order.push('free'));
    gate.emit('open');
    await first;
    expect(order).toEqual(['free', 'held']);
  });

  it('passes COPY, which needs an answer in the middle', async () => {
    const { port, counts } = await proxyWith();
    const client = await connected(port);
    await client.query('CREATE TEMP TABLE t (n int); INSERT INTO t SELECT generate_series(1, 5000)');
    expect((await client.query('SELECT * FROM t')).rowCount).toBe(5_000);
    await expect(client.query('COPY t FROM STDIN')).rejects.toThrow('COPY from stdin failed');
    expect((await client.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
    expect(counts.statements).toBe(4);
  });
});

describe('the connection', () => {
  it('counts logins, refused ones apart, and names messages without their content', async () => {
    const names: string[] = [];
    const proxy = await startPostgresProxy({
      target: postgres,
      onClientMessage: ({ name }) => void names.push(name),
    });
    proxies.push(proxy);
    await (await connected(proxy.port)).query('SELECT 1');
    await expect(clientOn(proxy.port, 'not the password').connect()).rejects.toMatchObject({ code: '28P01' });
    expect(proxy.counts).toEqual({ connections: 2, logins: 1, refusedLogins: 1, statements: 1, cuts: 0 });
    expect(names.slice(0, 3)).toEqual(['PasswordMessage', 'PasswordMessage', 'Query']);
  });

  it('refuses new connections while closed, keeps old ones, and opens again on the same port', async () => {
    const proxy = await proxyWith();
    const client = await connected(proxy.port);
    await proxy.setReachable('closed');
    await expect(clientOn(proxy.port).connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await client.query('SELECT 1');
    proxy.cutAll();
    await expect(client.query('SELECT 1')).rejects.toThrow();
    await proxy.setReachable('open');
    await (await connected(proxy.port)).query('SELECT 1');
  });

  it('reports an error thrown inside a hook when it is stopped', async () => {
    const proxy = await startPostgresProxy({
      target: postgres,
      onStatement: () => Promise.reject(new Error('claim inside the hook')),
    });
    await expect((await connected(proxy.port)).query('SELECT 1')).rejects.toThrow('Connection terminated');
    await expect(proxy.stop()).rejects.toThrow('claim inside the hook');
  });
});

describe('masked literals', () => {
  it.each([
    ["ALTER ROLE a PASSWORD 'it''s'", "ALTER ROLE a PASSWORD '…'"],
    ["SELECT E'a\\'b', 'c'", "SELECT '…', '…'"],
    ["SELECT 'a\\', 'b'", "SELECT '…', '…'"],
    ['SELECT "it\'s", $tag$ secret \' $tag$', "SELECT \"it's\", '…'"],
    ['SELECT $$x$$, $1', "SELECT '…', $1"],
    ["SELECT 1 -- it's\n, 'a'", "SELECT 1 -- it's\n, '…'"],
    ['SELECT $a$x$b$y$a$', "SELECT '…'"],
  ])('%s', (sql, masked) => {
    expect(maskLiterals(sql)).toBe(masked);
  });
});
