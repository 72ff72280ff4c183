import { connector } from '../../../../connectors/postgres-role';
import { login, rolesOf } from '../../../support/oracle';
import { testPostgres, type TestPostgres } from '../../../support/postgres';
import { seedIdentity, storeSecrets } from '../../../support/postgres-identity';
import { strategies } from '../../../support/rotation-scene';
import type { TrialIdentity, World } from '../world';

/** A real PostgreSQL of its own; every identity has a database. */
export async function postgresWorld(): Promise<World> {
  const server = await testPostgres();
  return {
    name: 'postgres-role',
    strategies,
    derivedMs: 0,
    seed: (id, strategy) => seeded(server, id, strategy === 'in-place' ? 'in-place' : 'alternating'),
    stop: () => server.stop(),
  };
}

async function seeded(
  server: TestPostgres,
  id: string,
  strategy: 'in-place' | 'alternating',
): Promise<TrialIdentity> {
  const identity = await seedIdentity(server, { id, strategy, marker: 'canary-' });
  const first = identity.secrets[identity.secret]?.material;
  const [database = '', user = '', password = ''] = ['dbname', 'username', 'password'].map((name) =>
    first?.reveal(name),
  );
  // What Gapless changes and observes the target with outlives the identity.
  const ours = Object.values(identity.secrets)
    .filter(({ use }) => use !== 'identity')
    .map(({ material }) => material.reveal('username') ?? '');
  const session = await server.open({ database, user, password });
  const [row] = (await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows;
  return {
    id,
    secret: identity.secret,
    policy: identity.policy,
    connector,
    others: Object.keys(identity.secrets).filter((name) => name !== identity.secret),
    store: (vault) => storeSecrets(vault, identity),
    accepts: async (material) => (await login(server, material)) === 'accepted',
    oldSessions: async () => {
      const found = 'SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND datname = $2';
      return (await server.sql(found, [row?.pid, database])).length;
    },
    objects: async () =>
      (await rolesOf(server, identity))
        .filter(({ name }) => !ours.includes(name))
        .map(({ name, canLogin }) => `${name}${canLogin ? ' may log in' : ''}`),
    startsAt: 0,
    reach: async () => undefined,
    end: async () => {
      await session.end().catch(() => undefined);
      await server.sql(`DROP DATABASE "${database}" WITH (FORCE)`);
    },
  };
}
