import { randomUUID } from 'node:crypto';
import { seedTarget } from '../../apps/local/target/seed-target';
import { Material } from '../../core/material';
import type { MemoryVault } from '../../adapters/memory/vault';
import type { TestPostgres } from './postgres';

/** An identity of a strategy on a test's PostgreSQL: its policy document and the material its secrets start with. */
export interface SeededIdentity {
  readonly id: string;
  /** Name of its own secret. */
  readonly secret: string;
  readonly database: string;
  /** Login roles, the one in force first. */
  readonly roles: readonly string[];
  readonly policy: Readonly<Record<string, unknown>> & { readonly target: Readonly<Record<string, unknown>> };
  readonly secrets: Readonly<
    Record<string, { readonly use: 'identity' | 'admin' | 'control'; readonly material: Material }>
  >;
}

export interface IdentityOptions {
  readonly id: string;
  readonly strategy: 'alternating' | 'in-place';
  /** Where the policy says the target is; a proxy in front of it, for tests that cut. */
  readonly port?: number;
  /** A text every secret of this identity contains, to look for afterwards. */
  readonly marker?: string;
}

/** Creates roles, database and secrets' material for one identity, and the policy that names them. */
export async function seedIdentity(server: TestPostgres, options: IdentityOptions): Promise<SeededIdentity> {
  const { id, strategy, marker = '' } = options;
  const name = id.replaceAll('-', '_');
  const password = (use: string) => `${marker}${use}-${randomUUID()}`;
  const start = password('start');
  const admin = { name: `${name}_admin`, password: password('admin') };
  const control = { name: `${name}_control`, password: password('control') };
  const alternating = strategy === 'alternating';
  const roles = alternating
    ? [{ name: `${name}_a`, password: start }, { name: `${name}_b` }]
    : [{ name: `${name}_app`, password: start }];
  const owner = alternating ? { owner: `${name}_owner` } : {};
  await seedTarget(server, { database: name, ...owner, roles, admin, control });
  const port = options.port ?? server.port;
  const material = (username: string, secret: string) =>
    new Material({
      engine: 'postgres',
      host: server.host,
      port: String(port),
      dbname: name,
      username,
      password: secret,
    });
  const policy = {
    id,
    kind: 'postgres-role',
    owner: 'team-test',
    secret: `gapless/${id}`,
    target: {
      admin: `gapless/${id}/admin`,
      control: `gapless/${id}/control`,
      host: server.host,
      port,
      database: name,
      tls: { mode: 'disable' },
      roles: roles.map((role) => role.name),
      ...owner,
    },
    rotation: { strategy, every: '30d' },
    revocation: { within: '5m', owner: 'team-test' },
    controls: ['NHI7:2025'],
  };
  return {
    id,
    secret: policy.secret,
    database: name,
    roles: policy.target.roles,
    policy,
    secrets: {
      [policy.secret]: { use: 'identity', material: material(roles[0]?.name ?? '', start) },
      [policy.target.admin]: { use: 'admin', material: material(admin.name, admin.password) },
      [policy.target.control]: { use: 'control', material: material(control.name, control.password) },
    },
  };
}

/** Puts an identity's secrets into a memory vault. */
export function storeSecrets(vault: MemoryVault, identity: SeededIdentity): void {
  for (const [secret, { material }] of Object.entries(identity.secrets))
    vault.create(secret, randomUUID(), material);
}
