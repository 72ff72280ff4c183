import type { Client } from 'pg';
import { parseRecord, type EvidenceRecord, type RecordOf } from '../../core/evidence/record';
import { codeOf } from '../support/error-code';
import { login } from '../support/oracle';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { quietSteps } from '../support/quiet';
import { alive } from '../support/revocation-oracle';
import { rotationScene, type Scene } from '../support/rotation-scene';

quietSteps();

let server: TestPostgres;
beforeAll(async () => {
  server = await testPostgres(['-c', 'max_connections=60']);
});
afterAll(async () => server.stop());

const RUN = 'the-emergency';

/** Somebody who has the password: sessions in every state, and one that logs in again and again. */
interface Attacker {
  readonly sessions: readonly Client[];
  /** Logins that got through since `from`, an ISO time by this machine's clock. */
  loginsSince(from: string): number;
  stop(): Promise<void>;
}

async function attack({ identity }: Scene): Promise<Attacker> {
  const material = identity.secrets[identity.secret]?.material;
  const config = {
    database: identity.database,
    user: material?.reveal('username') ?? '',
    password: material?.reveal('password') ?? '',
  };
  const sessions: Client[] = [];
  for (let index = 0; index < 20; index += 1) sessions.push(await server.open(config));
  await sessions[0]?.query('BEGIN; CREATE TABLE held (id int); INSERT INTO held VALUES (1)');
  await sessions[1]?.query(`SET ROLE ${identity.database}_owner`);
  await sessions[2]?.query('BEGIN');
  // What its revocation waits for: the role's row, and the advisory lock of our workers.
  await sessions[3]?.query(`SET ROLE NONE; BEGIN; ALTER ROLE CURRENT_USER PASSWORD 'mine'`);
  await sessions[4]?.query(`SELECT pg_advisory_lock((1734439020::bigint << 32) | oid::bigint)
    FROM pg_roles WHERE rolname = session_user`);
  const logins: string[] = [];
  const until = new AbortController();
  const loop = (async () => {
    while (!until.signal.aborted) {
      const at = new Date().toISOString();
      if (material && (await login(server, material)) === 'accepted') logins.push(at);
    }
  })();
  return {
    sessions,
    loginsSince: (from) => logins.filter((at) => at >= from).length,
    stop: async () => {
      until.abort();
      await loop;
    },
  };
}

async function recordsOf({ app }: Scene, chain: 'RUN' | 'PROOF'): Promise<readonly EvidenceRecord[]> {
  return (await app.deps.evidence.read(chain, RUN)).map(({ body }) => parseRecord(body));
}

const isMade = (record: EvidenceRecord): record is RecordOf<'ChangeMade'> => record.type === 'ChangeMade';

async function revoke({ app, identity }: Scene): Promise<Record<string, unknown>> {
  return app.passing(app.run('Revocation', RUN, { identityId: identity.id, reason: 'seen on a forum' }));
}

describe('an attacker with the password', () => {
  it('loses twenty sessions, one of them re-connecting all the time, and the next statement of each fails', async () => {
    const given = await rotationScene(server, { id: 'attacked-db', strategy: 'alternating' });
    const attacker = await attack(given);
    expect(await revoke(given)).toMatchObject({ status: 'SUCCEEDED' });
    const refusedAt = new Date().toISOString();
    for (const session of attacker.sessions) {
      const error: unknown = await session.query('SELECT 1').catch((failure: unknown) => failure);
      expect(error).toBeInstanceOf(Error);
      expect(['57P01', undefined]).toContain(codeOf(error));
    }
    await attacker.stop();
    expect(attacker.loginsSince(refusedAt)).toBe(0);
    expect(await alive(given.app.deps, server, given.identity)).toEqual([]);

    const contained = (await recordsOf(given, 'RUN')).filter(isMade).find(({ sessions }) => sessions);
    expect(contained).toMatchObject({
      stage: 'Contain',
      effect: 'applied',
      sessions: { after: 0, countedBy: expect.stringMatching(/^oid \d+$/), method: 'counted' },
    });
    expect(contained?.sessions?.before).toBeGreaterThanOrEqual(20);
    for (const proof of await recordsOf(given, 'PROOF'))
      expect(proof).toMatchObject({ finding: 'proven', sessions: { after: 0 } });
    const closed = (await recordsOf(given, 'RUN')).at(-1);
    expect(closed).toMatchObject({ outcome: 'verified', level: 'L4', deadline: 'kept' });
    await given.app.stop();
  });
});

describe('a session that the suspension itself has to end, because it holds the role’s row', () => {
  it('is among those counted before', async () => {
    const given = await rotationScene(server, { id: 'held-db', strategy: 'in-place' });
    const material = given.identity.secrets[given.identity.secret]?.material;
    const holder = await server.open({
      database: given.identity.database,
      user: material?.reveal('username') ?? '',
      password: material?.reveal('password') ?? '',
    });
    await holder.query(`BEGIN; ALTER ROLE CURRENT_USER PASSWORD 'mine'`);
    expect(await revoke(given)).toMatchObject({ status: 'SUCCEEDED' });
    const contained = (await recordsOf(given, 'RUN')).filter(isMade).find(({ sessions }) => sessions);
    expect(contained?.sessions).toMatchObject({ before: 1, after: 0 });
    await given.app.stop();
  });
});

describe('a role that owns tables and has grants in two databases', () => {
  it('is refused at once, while its removal is recorded as not complete and stays owed', async () => {
    const given = await rotationScene(server, { id: 'owner-db', strategy: 'in-place' });
    const { app, identity } = given;
    const role = identity.roles[0] ?? '';
    await server.sql(`CREATE DATABASE second_home`);
    await server.sql(`CREATE TABLE theirs (id int)`, [], 'second_home');
    await server.sql(`GRANT SELECT ON theirs TO ${role}`, [], 'second_home');
    await server.sql(`CREATE TABLE mine (id int); ALTER TABLE mine OWNER TO ${role}`, [], identity.database);
    expect(await revoke(given)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await alive(app.deps, server, identity)).toEqual([]);
    const records = await recordsOf(given, 'RUN');
    const removal = records.filter(isMade).find(({ stage }) => stage === 'Remove');
    expect(removal).toMatchObject({
      effect: 'deferred',
      detail: expect.stringMatching(/owner_db.*second_home|second_home.*owner_db/),
    });
    expect(records.at(-1)).toMatchObject({ outcome: 'verified', owes: [expect.stringMatching(/^removal /)] });
    expect(await app.deps.registry.obligationsOf(identity.id)).toMatchObject([
      { type: 'removal', by: 'revocation', remoteId: role },
    ]);
    await app.stop();
  });
});
