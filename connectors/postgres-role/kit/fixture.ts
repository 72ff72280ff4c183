import { Client } from 'pg';
import { Material } from '../../../core/material';
import type { Bench, Fixture, Given, Held } from '../../../kit/fixture';
import { callWith } from '../../../kit/scene';
import { seedTarget, testPostgres, reconfigure, type TestPostgres } from '../../../test/support/postgres';
import { connector } from '..';
import { mistakes } from './mistakes';
import { verdictsOn, withTarget } from './verdicts';

/** postgres-role against a PostgreSQL of its own, identities with the strategy alternating. */
export const fixture: Fixture = { connector, mistakes, start };

async function start(): Promise<Bench> {
  const server = await testPostgres();
  for (const name of ['trusting', 'barred']) await server.sql(`CREATE DATABASE ${name}`);
  await reconfigure(server, ['host trusting all 127.0.0.1/32 trust', 'host barred all 127.0.0.1/32 reject']);
  const open: { readonly user: string; readonly client: Client }[] = [];
  const { verdicts, stopImpostors } = await verdictsOn(server);
  let serial = 0;
  return {
    given: async () => {
      serial += 1;
      return givenOn(server, `kit${serial}`);
    },
    verdicts,
    unreachable: ({ subject }) => withTarget(subject, { port: 1 }),
    powerless: async ({ control }) => control,
    sessions: {
      async open(_given, { material }) {
        const user = material.reveal('username') ?? '';
        const [password, database] = [material.reveal('password'), material.reveal('dbname')];
        open.push({ user, client: await server.open({ user, password, database }) });
      },
      async alive({ material }) {
        const own = open.filter(({ user }) => user === material.reveal('username'));
        const answers = await Promise.allSettled(own.map(async ({ client }) => client.query('SELECT 1')));
        return answers.filter(({ status }) => status === 'fulfilled').length;
      },
      blind: async ({ control }) => login(server, control, 'blind', 'LOGIN'),
    },
    async stop() {
      stopImpostors();
      await server.stop();
    },
  };
}

async function givenOn(server: TestPostgres, name: string): Promise<Given> {
  const { admin, control, current, roles, owner, database } = await seedTarget(server, name, 'alternating');
  const { host, port } = server;
  const target = { host, port, database, tls: { mode: 'disable' }, roles, owner };
  const stranger = await login(server, control, 'stranger', `LOGIN IN ROLE ${owner}`);
  return {
    subject: { identityId: name, strategy: 'alternating', target },
    current: { versionId: 'v1', remoteId: roles[0] ?? '', material: current },
    admin,
    control,
    foreign: { versionId: 'v9', remoteId: `${database}_stranger`, material: stranger },
    accepts: async (material) => accepts(server, material),
    removeByHand: async ({ remoteId }) => void (await server.sql(`DROP ROLE ${remoteId}`)),
  };
}

/** A role of the database beside those of the identity, and what it logs in with. */
async function login(
  server: TestPostgres,
  like: Material,
  name: string,
  attributes: string,
): Promise<Held['material']> {
  const username = `${like.reveal('dbname')}_${name}`;
  const password = callWith(like).random(24).toString('base64url');
  await server.sql(`CREATE ROLE ${username} ${attributes} PASSWORD '${password}'`);
  return like.with({ username, password });
}

async function accepts({ host, port }: TestPostgres, material: Material): Promise<'yes' | 'no'> {
  const [user, password, database] = ['username', 'password', 'dbname'].map((name) => material.reveal(name));
  const client = new Client({ host, port, user, password, database, ssl: false });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.end();
    return 'yes';
  } catch {
    return 'no';
  }
}
