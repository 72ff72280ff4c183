import type { Material } from '../../core/material';
import { chainViolations, login, rolesOf, versionIds, type Stores } from './oracle';
import type { TestPostgres } from './postgres';
import type { SeededIdentity } from './postgres-identity';

// What must hold of a revoked identity once nothing is left to do. It asks the server itself.

/** Everything that is wrong, one sentence each; empty when every credential is dead and only removals may be owed. */
export async function livingViolations(
  stores: Stores,
  server: TestPostgres,
  identity: SeededIdentity,
): Promise<string[]> {
  const { registry } = stores;
  const row = await registry.identity(identity.id);
  const found = [...(await alive(stores, server, identity))];
  if (row?.revoked === undefined) found.push('the registry does not say that it is revoked');
  if (row?.lease) found.push(`lease of ${row.lease.runId} is still held`);
  for (const open of await registry.openRuns())
    if (open.identityId === identity.id) found.push(`run ${open.runId} is still open`);
  for (const { versionId, type, why } of await registry.obligationsOf(identity.id))
    if (type !== 'removal') found.push(`still owed: ${type} of ${versionId} (${why})`);
  for (const { runId, outcome } of await registry.runs({ identityId: identity.id, limit: 100 })) {
    const wrong = await chainViolations(stores, runId, outcome, 'revoked');
    found.push(...wrong.map((violation) => `${runId}: ${violation}`));
  }
  return found;
}

/** Credentials of the identity that the server still accepts, and sessions that still live. */
export async function alive(
  stores: Stores,
  server: TestPostgres,
  identity: SeededIdentity,
): Promise<string[]> {
  const found: string[] = [];
  for (const [id, material] of await everyVersion(stores, identity)) {
    const answer = await login(server, material);
    if (answer !== '28P01') found.push(`version ${id} is answered ${answer}`);
  }
  for (const { name, sessions, canLogin } of await rolesOf(server, identity)) {
    if (!identity.roles.includes(name)) continue;
    if (sessions > 0) found.push(`role ${name} has ${sessions} session(s)`);
    if (canLogin) found.push(`role ${name} may log in`);
  }
  return found;
}

async function everyVersion(
  stores: Stores,
  identity: SeededIdentity,
): Promise<ReadonlyMap<string, Material>> {
  const found = new Map<string, Material>();
  const start = identity.secrets[identity.secret]?.material;
  if (start) found.set('start', start);
  const { current, pending, previous } = await stores.vault.labels(identity.secret);
  for (const id of [current, pending, previous, ...(await versionIds(stores, identity.id))]) {
    const material = id === undefined ? undefined : await stores.vault.read(identity.secret, id);
    if (id !== undefined && material) found.set(id, material);
  }
  return found;
}
