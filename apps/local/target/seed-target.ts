import { Client, escapeIdentifier, escapeLiteral } from 'pg';

/** A role and the password it starts with; without one it is an idle slot that nobody can log in as. */
export interface SeedRole {
  readonly name: string;
  readonly password?: string;
}

/** One database as connectors/postgres-role/README.md wants it prepared. Names are exact; nothing is folded. */
export interface TargetSeed {
  readonly database: string;
  /** The role that owns the objects and that the login roles are members of; in-place roles own theirs themselves. */
  readonly owner?: string;
  readonly roles: readonly SeedRole[];
  /** Changes the roles; no superuser. */
  readonly admin: Required<SeedRole>;
  /** Observes: positive control of revocations, and sessions. */
  readonly control: Required<SeedRole>;
}

export interface SeedServer {
  readonly host: string;
  readonly port: number;
  readonly superuser: { readonly user: string; readonly password: string };
}

/**
 * Prepares a target once, as the README documents it. Roles and databases that exist already are left as they are,
 * with the password they have; grants are repeated. The statements hold passwords, so they are kept out of the log.
 */
export async function seedTarget(server: SeedServer, seed: TargetSeed): Promise<void> {
  const { user, password } = server.superuser;
  const client = new Client({
    host: server.host,
    port: server.port,
    user,
    password,
    database: 'postgres',
    ssl: false,
  });
  await client.connect();
  try {
    await client.query("SET log_statement = 'none'");
    for (const role of newRoles(seed)) {
      const known = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role.name]);
      if (known.rowCount === 0) await client.query(role.statement);
    }
    const known = await client.query('SELECT FROM pg_database WHERE datname = $1', [seed.database]);
    if (known.rowCount === 0) await client.query(createDatabase(seed));
    for (const statement of grants(seed)) await client.query(statement);
  } finally {
    await client.end();
  }
}

interface NewRole {
  readonly name: string;
  readonly statement: string;
}

function newRoles(seed: TargetSeed): readonly NewRole[] {
  const owner = seed.owner === undefined ? [] : [created(seed.owner, 'NOLOGIN')];
  const login = seed.roles.map(({ name, password }) =>
    password === undefined
      ? created(name, 'NOLOGIN')
      : created(name, `LOGIN PASSWORD ${escapeLiteral(password)}`),
  );
  const { admin, control } = seed;
  return [
    ...owner,
    ...login,
    created(admin.name, `LOGIN CREATEROLE PASSWORD ${escapeLiteral(admin.password)}`),
    created(control.name, `LOGIN PASSWORD ${escapeLiteral(control.password)}`),
  ];
}

function created(name: string, attributes: string): NewRole {
  return { name, statement: `CREATE ROLE ${escapeIdentifier(name)} ${attributes}` };
}

function createDatabase(seed: TargetSeed): string {
  const owner = seed.owner ?? seed.roles[0]?.name;
  const owned = owner === undefined ? '' : ` OWNER ${escapeIdentifier(owner)}`;
  return `CREATE DATABASE ${escapeIdentifier(seed.database)}${owned}`;
}

/** The rights of connectors/postgres-role/README.md, in the form PostgreSQL 16 and later know. */
export function grants(seed: Pick<TargetSeed, 'owner' | 'roles' | 'admin' | 'control'>): readonly string[] {
  const admin = escapeIdentifier(seed.admin.name);
  const control = escapeIdentifier(seed.control.name);
  const perRole = seed.roles.flatMap(({ name }) => {
    const role = escapeIdentifier(name);
    const administered = `GRANT ${role} TO ${admin} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`;
    if (seed.owner === undefined) return [administered];
    const owner = escapeIdentifier(seed.owner);
    return [
      administered,
      `GRANT ${owner} TO ${role}`,
      `ALTER ROLE ${role} SET role = ${escapeLiteral(seed.owner)}`,
    ];
  });
  return [
    ...perRole,
    `GRANT pg_signal_backend, pg_read_all_stats TO ${admin}`,
    `GRANT pg_read_all_stats TO ${control}`,
  ];
}
