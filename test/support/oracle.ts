import { Client } from 'pg';
import * as z from 'zod/mini';
import { verifyStoredRun } from '../../core/evidence/verify';
import type { Material } from '../../core/material';
import type { EvidenceStore } from '../../core/ports/evidence-store';
import type { Registry } from '../../core/ports/registry';
import type { Vault } from '../../core/ports/vault';
import { codeOf } from './error-code';
import type { ReachablePostgres } from './postgres';
import type { SeededIdentity } from './postgres-identity';

// What must hold once nothing is left to do. It shares no code with what it checks but the chain format.

/** What is known of an identity; `secrets` holds the material it started with, where a test still has it. */
export type AuditedIdentity = Pick<SeededIdentity, 'id' | 'secret' | 'database' | 'roles' | 'secrets'>;

/** The stores as a deployment left them: memory or an engine's, the oracle asks both the same. */
export interface Stores {
  readonly registry: Pick<Registry, 'identity' | 'openRuns' | 'obligationsOf' | 'runs'>;
  readonly evidence: EvidenceStore;
  readonly vault: Pick<Vault, 'labels' | 'read' | 'readCurrent'>;
}

const told = z.looseObject({
  type: z.string(),
  stage: z.string(),
  effect: z.optional(z.string()),
  finding: z.optional(z.string()),
  outcome: z.optional(z.string()),
  versionId: z.optional(z.nullable(z.string())),
  supersededId: z.optional(z.nullable(z.string())),
  slot: z.optional(z.nullable(z.string())),
});
/** A record as far as the oracle reads it. */
export type Told = z.infer<typeof told>;

/** Reads a stored body without the product's own parser. */
export function toldBy(body: string): Told {
  return told.parse(JSON.parse(body));
}

/** Logs in with the fields of a secret, straight at the server. @returns `accepted`, or the code of the refusal */
export async function login(server: ReachablePostgres, material: Pick<Material, 'reveal'>): Promise<string> {
  const [database = '', user = '', password = ''] = ['dbname', 'username', 'password'].map((name) =>
    material.reveal(name),
  );
  const client = new Client({ host: server.host, port: server.port, database, user, password });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.end();
    return 'accepted';
  } catch (error) {
    return codeOf(error) ?? 'unknown';
  }
}

/** What the identity's login roles look like in the catalog. */
export interface RoleState {
  readonly name: string;
  readonly canLogin: boolean;
  readonly password: 'set' | 'none';
  readonly sessions: number;
}

/** The catalog rows of an identity's roles, and of any other role under its name. */
export async function rolesOf(
  server: ReachablePostgres,
  identity: AuditedIdentity,
): Promise<readonly RoleState[]> {
  return server.sql<RoleState & Record<string, unknown>>(
    `SELECT rolname AS name, rolcanlogin AS "canLogin", CASE WHEN rolpassword IS NULL THEN 'none' ELSE 'set' END AS password,
            (SELECT count(*)::int FROM pg_stat_activity WHERE usesysid = pg_authid.oid) AS sessions
       FROM pg_authid WHERE starts_with(rolname, $1) ORDER BY rolname`,
    [`${identity.database}_`],
  );
}

/** Everything that is wrong, one sentence each; empty when all is well. */
export async function violations(
  stores: Stores,
  server: ReachablePostgres,
  identity: AuditedIdentity,
): Promise<string[]> {
  const found = [
    ...(await registryViolations(stores, identity)),
    ...(await credentialViolations(stores, server, identity)),
    ...(await roleViolations(stores, server, identity)),
  ];
  for (const { runId, outcome } of await stores.registry.runs({ identityId: identity.id, limit: 100 })) {
    found.push(
      ...(await chainViolations(stores, runId, outcome)).map((violation) => `${runId}: ${violation}`),
    );
  }
  return found;
}

async function registryViolations(
  { registry, vault }: Stores,
  { id, secret }: AuditedIdentity,
): Promise<string[]> {
  const found: string[] = [];
  const row = await registry.identity(id);
  if (row?.lease) found.push(`lease of ${row.lease.runId} is still held`);
  if (row?.versions.some((version) => version.stage === 'AWSPENDING'))
    found.push('the registry still has a pending version');
  for (const open of await registry.openRuns())
    if (open.identityId === id) found.push(`run ${open.runId} is still open`);
  for (const { versionId, type, why } of await registry.obligationsOf(id))
    found.push(`still owed: ${type} of ${versionId} (${why})`);
  const labels = await vault.labels(secret);
  if (labels.pending !== undefined && labels.pending !== labels.current)
    found.push('a pending version is left in the vault');
  const known = row?.versions.find((version) => version.stage === 'AWSCURRENT')?.versionId;
  if (known !== labels.current)
    found.push(`the registry says ${known} is current, the vault ${labels.current}`);
  return found;
}

/** Ids of every version the identity's runs ever wrote about. */
export async function versionIds(
  { registry, evidence }: Stores,
  identityId: string,
): Promise<readonly string[]> {
  const ids = new Set<string>();
  for (const { runId } of await registry.runs({ identityId, limit: 100 })) {
    for (const { body } of await evidence.read('RUN', runId)) {
      const { versionId, supersededId } = toldBy(body);
      for (const each of [versionId, supersededId]) if (typeof each === 'string') ids.add(each);
    }
  }
  return [...ids];
}

async function credentialViolations(
  stores: Stores,
  server: ReachablePostgres,
  identity: AuditedIdentity,
): Promise<string[]> {
  const { secret } = identity;
  const { material: current } = await stores.vault.readCurrent(secret);
  const found: string[] = [];
  if ((await login(server, current)) !== 'accepted') found.push('the current credential is not accepted');
  const older = [identity.secrets[secret]?.material];
  for (const id of await versionIds(stores, identity.id)) older.push(await stores.vault.read(secret, id));
  for (const material of older) {
    if (!material || material.reveal('password') === current.reveal('password')) continue;
    if ((await login(server, material)) === 'accepted')
      found.push('a credential that is not current is accepted');
  }
  return found;
}

/** The role in force may log in; the idle slot may not, has no password and no session; no other login role is there. */
async function roleViolations(
  { vault }: Stores,
  server: ReachablePostgres,
  identity: AuditedIdentity,
): Promise<string[]> {
  const { database, roles, secret } = identity;
  const username = (await vault.readCurrent(secret)).material.reveal('username');
  const ours = ['owner', 'admin', 'control'].map((use) => `${database}_${use}`);
  const expected = new Set([...roles, ...ours]);
  const found: string[] = [];
  for (const role of await rolesOf(server, identity)) {
    if (!expected.has(role.name)) found.push(`role ${role.name} was left behind`);
    if (!roles.includes(role.name)) continue;
    if (role.name === username && !role.canLogin)
      found.push(`role ${role.name} is in force but cannot log in`);
    if (role.name === username) continue;
    if (role.canLogin || role.password === 'set')
      found.push(`the idle role ${role.name} was left with a way in`);
    if (role.sessions > 0) found.push(`the idle role ${role.name} has ${role.sessions} session(s)`);
  }
  return found;
}

/** Chains verify; one terminal record; every intent has an outcome; every effect an earlier intent; green only if proven. */
export async function chainViolations(
  { evidence }: Stores,
  runId: string,
  outcome: string,
  about: 'rotated' | 'revoked' = 'rotated',
): Promise<string[]> {
  const check = await verifyStoredRun(evidence, runId);
  if (check.state === 'broken') return [JSON.stringify(check.first)];
  const found: string[] = [];
  const records = (await evidence.read('RUN', runId)).map(({ body }) => toldBy(body));
  const terminal = records.filter(({ type }) => type === 'RunClosed');
  if (terminal.length !== 1) found.push(`has ${terminal.length} terminal records`);
  if (terminal[0] && terminal[0].outcome !== outcome)
    found.push(`its summary says ${outcome}, its record ${terminal[0].outcome}`);
  let open = 0;
  for (const [at, { type, stage, effect }] of records.entries()) {
    if (type === 'ChangeIntended') open += 1;
    const before = records[at - 1];
    const intended = before?.type === 'ChangeIntended' && before.stage === stage;
    // A stage that found nothing to do intended nothing.
    if (type === 'ChangeMade' && effect === 'notApplicable' && !intended) continue;
    if (type === 'ChangeMade') open -= 1;
    if (open < 0) found.push(`stage ${stage} has an outcome without an intent before it`);
  }
  if (open > 0) found.push(`${open} intent(s) have no outcome`);
  const proofs = (await evidence.read('PROOF', runId)).map(({ body }) => toldBy(body));
  // A revocation may find a credential alive and contain it again; what it found last counts.
  const last = new Map(proofs.map((proof) => [`${proof.stage} ${proof.versionId ?? ''}`, proof]));
  const weak = (about === 'rotated' ? proofs : [...last.values()]).find(
    ({ finding }) => finding !== 'proven',
  );
  if (outcome === 'verified' && weak) found.push(`is verified, though ${weak.stage} is ${weak.finding}`);
  return found;
}
