import { randomUUID } from 'node:crypto';
import type { MemoryVault } from '../../adapters/memory/vault';
import { seedTarget } from '../../apps/local/target/seed-target';
import { Material } from '../../core/material';
import type { TestPostgres } from './postgres';

/** One of many login roles of one database. */
export interface FleetRole {
  readonly id: string;
  readonly role: string;
  readonly policy: Readonly<Record<string, unknown>> & {
    readonly target: Readonly<Record<string, unknown>>;
    readonly secret: string;
  };
  /** What it logs in with before it is revoked. */
  readonly material: Material;
}

/** Many identities of one owner on one real database, with one admin and one control role for all. */
export interface Fleet {
  readonly roles: readonly FleetRole[];
  readonly admin: Material;
  readonly control: Material;
  store(vault: MemoryVault): void;
}

/** Creates a database `name` with so many login roles. The database is owned by none of them, so each can be dropped. */
export async function seedFleet(server: TestPostgres, name: string, count: number): Promise<Fleet> {
  const own = (use: string) => ({ name: `${name}_${use}`, password: randomUUID() });
  const [admin, control] = [own('admin'), own('control')];
  const members = Array.from({ length: count }, (_, index) => own(`r${String(index).padStart(4, '0')}`));
  await seedTarget(server, {
    database: name,
    roles: [{ name: `${name}_owner` }, ...members],
    admin,
    control,
  });
  const material = (role: { readonly name: string; readonly password: string }) =>
    new Material({
      engine: 'postgres',
      host: server.host,
      port: String(server.port),
      dbname: name,
      username: role.name,
      password: role.password,
    });
  const roles = members.map((role) => ({
    id: role.name.replaceAll('_', '-'),
    role: role.name,
    policy: policyOf(server, name, role.name),
    material: material(role),
  }));
  const fleet = { roles, admin: material(admin), control: material(control) };
  return { ...fleet, store: (vault) => storeFleet(vault, name, fleet) };
}

function policyOf(server: TestPostgres, name: string, role: string) {
  const id = role.replaceAll('_', '-');
  return {
    id,
    kind: 'postgres-role',
    owner: 'team-fleet',
    secret: `gapless/${id}`,
    target: {
      admin: `gapless/${name}/admin`,
      control: `gapless/${name}/control`,
      host: server.host,
      port: server.port,
      database: name,
      tls: { mode: 'disable' },
      roles: [role],
    },
    rotation: { strategy: 'in-place', every: '30d' },
    revocation: { within: '1h', owner: 'team-fleet' },
  };
}

function storeFleet(vault: MemoryVault, name: string, { roles, admin, control }: Omit<Fleet, 'store'>): void {
  vault.create(`gapless/${name}/admin`, randomUUID(), admin);
  vault.create(`gapless/${name}/control`, randomUUID(), control);
  for (const { policy, material } of roles) vault.create(policy.secret, randomUUID(), material);
}
