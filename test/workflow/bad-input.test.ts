import { randomUUID } from 'node:crypto';
import { verifyStoredRun } from '../../core/evidence/verify';
import { enrol } from '../../lambdas/steps/sweep/enrol';
import { freePort } from '../support/loopback';
import { memoryApp, type MemoryApp } from '../support/memory-app';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { seedIdentity, type SeededIdentity } from '../support/postgres-identity';
import { quietSteps } from '../support/quiet';

quietSteps();

let server: TestPostgres;
beforeAll(async () => {
  server = await testPostgres();
});
afterAll(async () => server.stop());

const RUN = 'the-run';

/** What a case does to an identity that is sound. */
interface Case {
  readonly wrong: string;
  readonly strategy?: 'in-place' | 'alternating';
  /** Fields of the policy that differ. */
  readonly policy?: (identity: SeededIdentity) => object;
  /** Secrets that are not there. */
  readonly without?: 'identity' | 'admin' | 'control';
  /** Something else that is wrong, at the target or in the stores. */
  readonly given?: (app: MemoryApp, identity: SeededIdentity) => Promise<void>;
  readonly input?: object;
  readonly error: string;
  readonly says: (identity: SeededIdentity) => readonly string[];
  /** How the run is recorded; `unopened` when there must be no run at all. */
  readonly outcome?: 'refused' | 'aborted' | 'unopened';
}

const database = (identity: SeededIdentity) => identity.database;
const role = (identity: SeededIdentity) => identity.roles[0] ?? '';
const target = (identity: SeededIdentity, changes: object) => ({
  target: { ...identity.policy.target, ...changes },
});
const secretOf = (identity: SeededIdentity) => identity.secret;

/** A statement by the superuser, before the rotation. */
function sql(text: (identity: SeededIdentity) => string): NonNullable<Case['given']> {
  return async (_app, identity) => void (await server.sql(text(identity), [], database(identity)));
}

const inputs: readonly Case[] = [
  {
    wrong: 'an identity that no policy names',
    input: { identityId: 'no-such-db' },
    error: 'UnknownIdentity',
    says: () => ['"no-such-db"', 'gapless plan'],
    outcome: 'unopened',
  },
  {
    wrong: 'an id that cannot be one',
    input: { identityId: 'Orders DB' },
    error: 'InvalidInput',
    says: () => ['identityId: got "Orders DB"', '3 to 64 of a-z, 0-9 and -'],
    outcome: 'unopened',
  },
  {
    wrong: 'a field that is not known',
    input: { identityId: 'orders-db', force: true },
    error: 'InvalidInput',
    says: () => ['force: is not a known field'],
    outcome: 'unopened',
  },
  {
    wrong: 'a slot that is no time, and an attempt below zero',
    input: { identityId: 'orders-db', slot: 'yesterday', attempt: -1 },
    error: 'InvalidInput',
    says: () => ['slot: got "yesterday"', 'attempt: got -1'],
    outcome: 'unopened',
  },
  {
    wrong: 'no identity at all',
    input: {},
    error: 'InvalidInput',
    says: () => ['identityId: got nothing', '{"identityId": "<id>"'],
    outcome: 'unopened',
  },
];

const policies: readonly Case[] = [
  {
    wrong: 'a policy without a rotation',
    policy: () => ({ rotation: undefined }),
    error: 'PolicyGap',
    says: () => ['has no rotation section', 'rotation.strategy'],
  },
  {
    wrong: 'a strategy that the connector lacks',
    policy: () => ({ rotation: { strategy: 'triple', every: '30d' } }),
    error: 'InvalidInput',
    says: () => ['rotation.strategy: got triple', 'in-place or alternating'],
  },
  {
    wrong: 'a target that the connector does not understand',
    policy: (identity) => target(identity, { host: 'not a host' }),
    error: 'InvalidInput',
    says: () => ['target.host: got "not a host"', 'host name or an IP address', 'gapless plan'],
  },
  {
    wrong: 'a target with a number out of bounds',
    policy: (identity) => target(identity, { port: 70_000 }),
    error: 'InvalidInput',
    says: () => ['target.port: got 70000', 'from 1 to 65535'],
  },
  {
    wrong: 'a policy that names no control',
    policy: (identity) => target(identity, { control: undefined }),
    error: 'ControlMissing',
    says: () => ['target.control', 'gapless plan'],
  },
];

const secrets: readonly Case[] = [
  {
    wrong: 'an identity secret that is missing',
    without: 'identity',
    error: 'SecretMissing',
    says: (identity) => [secretOf(identity), 'Create or restore it'],
  },
  {
    wrong: 'an admin secret that is missing',
    without: 'admin',
    error: 'AdminSecretMissing',
    says: ({ policy }) => ['target.admin', String(policy.target['admin']), 'gapless:use=admin'],
  },
  {
    wrong: 'a control secret that is missing',
    without: 'control',
    error: 'ControlMissing',
    says: ({ policy }) => ['target.control', String(policy.target['control']), 'gapless:use=control'],
  },
  {
    wrong: 'a current credential of a role that the policy does not list',
    policy: (identity) => target(identity, { roles: [`${database(identity)}_other`] }),
    error: 'SecretMissing',
    says: (identity) => [secretOf(identity), 'does not hold a postgres-role credential'],
  },
  {
    wrong: 'a pending version that somebody else made',
    given: async (app, identity) => {
      const material = identity.secrets[secretOf(identity)]?.material;
      if (material) await app.vault.putPending(secretOf(identity), 'foreign-version', material);
    },
    error: 'PendingConflict',
    says: () => ['foreign-version', 'exactly one pending version', 'update-secret-version-stage'],
  },
  {
    wrong: 'two pending versions, one in the vault and one in the registry',
    given: async (app, identity) => {
      const material = identity.secrets[secretOf(identity)]?.material;
      if (material) await app.vault.putPending(secretOf(identity), 'foreign-version', material);
      const row = await app.deps.registry.identity(identity.id);
      const pending = { versionId: 'other-version', remoteId: role(identity), stage: 'AWSPENDING' } as const;
      await app.deps.registry.setVersions(identity.id, row?.fence ?? 0, [...(row?.versions ?? []), pending]);
    },
    error: 'PendingConflict',
    says: () => ['other-version and foreign-version', 'exactly one pending version'],
  },
];

const targets: readonly Case[] = [
  {
    wrong: 'a role that does not exist',
    given: sql((identity) => `ALTER ROLE ${role(identity)} RENAME TO ${role(identity)}_gone`),
    error: 'PrincipalMissing',
    says: (identity) => [`target.roles.0: there is no role ${role(identity)}`, 'CREATE ROLE'],
  },
  {
    wrong: 'an owner role that does not exist',
    strategy: 'alternating',
    policy: (identity) => target(identity, { owner: 'nobody_owns' }),
    error: 'PrincipalMissing',
    says: () => ['target.owner: there is no role nobody_owns', 'CREATE ROLE'],
  },
  {
    wrong: 'an admin whose password is another',
    given: sql((identity) => `ALTER ROLE ${database(identity)}_admin PASSWORD 'another'`),
    error: 'AdminRightsMissing',
    says: (identity) => [`${database(identity)}_admin`, '28P01', 'put the right one in the secret'],
  },
  {
    wrong: 'an admin without CREATEROLE',
    given: sql((identity) => `ALTER ROLE ${database(identity)}_admin NOCREATEROLE`),
    error: 'AdminRightsMissing',
    says: (identity) => ['may not change roles', `ALTER ROLE "${database(identity)}_admin" CREATEROLE`],
  },
  {
    wrong: 'an admin that may not end sessions',
    given: sql((identity) => `REVOKE pg_signal_backend FROM ${database(identity)}_admin`),
    error: 'AdminRightsMissing',
    says: () => ['may not end sessions', 'GRANT pg_signal_backend TO'],
  },
  {
    wrong: "an admin that does not see other roles' sessions",
    given: sql((identity) => `REVOKE pg_read_all_stats FROM ${database(identity)}_admin`),
    error: 'AdminRightsMissing',
    says: () => ["does not see other roles' sessions", 'GRANT pg_read_all_stats TO'],
  },
  {
    wrong: 'an admin without ADMIN OPTION on a role',
    given: sql((identity) => `REVOKE ${role(identity)} FROM ${database(identity)}_admin`),
    error: 'AdminRightsMissing',
    says: (identity) => [`target.roles.0: ${database(identity)}_admin may not change`, 'WITH ADMIN TRUE'],
  },
  {
    wrong: 'a login role that is a superuser',
    given: sql((identity) => `ALTER ROLE ${role(identity)} SUPERUSER`),
    error: 'AdminRightsMissing',
    says: () => ['target.roles.0', 'is a superuser', 'NOSUPERUSER'],
  },
  {
    wrong: 'a login role that is no member of the owner',
    strategy: 'alternating',
    given: sql((identity) => `REVOKE ${database(identity)}_owner FROM ${database(identity)}_b`),
    error: 'AdminRightsMissing',
    says: () => ['target.roles.1', 'is no member of target.owner', 'GRANT'],
  },
  {
    wrong: 'a database that does not exist',
    policy: (identity) => target(identity, { database: 'no_such_database' }),
    error: 'InvalidInput',
    says: () => ['no_such_database', 'target.database does not exist'],
  },
];

const order: readonly Case[] = [
  {
    wrong: 'a slot that was served already',
    input: { identityId: 'set below', slot: '2026-01-01T00:00:00.000Z', attempt: 0 },
    error: 'SlotServed',
    says: () => ['Slot 2026-01-01T00:00:00.000Z', 'the next one is', 'nothing needs to be done'],
  },
  {
    wrong: 'a version that is still owed a refusal and would lose its last label',
    given: async (app, identity) => {
      await app.vault.promote(
        secretOf(identity),
        await secondVersion(app, identity),
        await currentOf(app, identity),
      );
      const versionId = (await app.vault.labels(secretOf(identity))).previous ?? '';
      const base = { identityId: identity.id, remoteId: role(identity), runId: 'earlier-run', attempts: 0 };
      const times = { openedAt: '2026-11-01T00:00:00.000Z', nextAttemptAt: '2099-01-01T00:00:00.000Z' };
      const owed = {
        ...base,
        ...times,
        versionId,
        type: 'refusal',
        by: 'rotation',
        deadline: undefined,
        why: 'superseded',
      } as const;
      await app.deps.registry.openObligation(owed);
    },
    error: 'ObligationOpen',
    says: () => ['is still owed a proven refusal', 'run earlier-run', 'Settle tries again at 2099-01-01'],
  },
];

async function currentOf(app: MemoryApp, identity: SeededIdentity): Promise<string> {
  return (await app.vault.labels(secretOf(identity))).current ?? '';
}

async function secondVersion(app: MemoryApp, identity: SeededIdentity): Promise<string> {
  const versionId = randomUUID();
  const { material } = await app.vault.readCurrent(secretOf(identity));
  await app.vault.putPending(secretOf(identity), versionId, material);
  return versionId;
}

/** Everything a rotation could change, as one text. */
async function world(app: MemoryApp, identity: SeededIdentity): Promise<string> {
  const roles = await server.sql(
    `SELECT rolname, rolcanlogin, rolpassword,
            (SELECT rolconfig FROM pg_roles WHERE pg_roles.oid = pg_authid.oid) AS settings, shobj_description(oid, 'pg_authid') AS comment
       FROM pg_authid WHERE starts_with(rolname, $1) ORDER BY rolname`,
    [`${database(identity)}_`],
  );
  const labels = await app.vault.labels(secretOf(identity)).catch((error: Error) => error.name);
  const row = await app.deps.registry.identity(identity.id);
  const owed = await app.deps.registry.obligationsOf(identity.id);
  return JSON.stringify({
    roles,
    labels,
    versions: row?.versions,
    lease: row?.lease,
    busy: row?.busyUntil,
    owed,
  });
}

let serial = 0;

async function sound(strategy: 'in-place' | 'alternating'): Promise<SeededIdentity> {
  serial += 1;
  return seedIdentity(server, { id: `bad-${serial}`, strategy });
}

function store(app: MemoryApp, identity: SeededIdentity, without: Case['without']): void {
  for (const [name, { use, material }] of Object.entries(identity.secrets)) {
    if (use !== without) app.vault.create(name, randomUUID(), material);
  }
}

/** The record there must be: opened, closed with the outcome, nothing between, and both chains verify. */
async function expectRecorded(app: MemoryApp, outcome: string, error: string): Promise<void> {
  const check = await verifyStoredRun(app.deps.evidence, RUN);
  if (check.state === 'broken') throw new Error(JSON.stringify(check.first));
  // What Reinstate writes when it finds nothing to take back is no change.
  const changes = check.run.filter((record) => !('effect' in record) || record.effect !== 'notApplicable');
  expect(changes.map(({ type }) => type)).toEqual(['RunOpened', 'RunClosed']);
  expect(check.run.at(-1)).toMatchObject({ outcome, causeCode: error, level: 'L0', owes: [] });
  expect(await app.deps.registry.summary(RUN)).toMatchObject({ outcome });
}

async function expectUnopened(app: MemoryApp): Promise<void> {
  expect(await app.deps.registry.runs({ limit: 10 })).toEqual([]);
  expect(await app.deps.evidence.read('RUN', RUN)).toEqual([]);
}

async function expectRefusal({
  policy,
  without,
  given,
  input,
  error,
  says,
  outcome = 'refused',
  strategy,
}: Case): Promise<void> {
  const seeded = await sound(strategy ?? 'in-place');
  const identity = { ...seeded, policy: { ...seeded.policy, ...policy?.(seeded) } };
  const app = await memoryApp([identity.policy]);
  store(app, identity, without);
  await enrol(app.deps);
  await given?.(app, identity);
  const before = await world(app, identity);
  const asked = outcome === 'unopened' ? input : { ...input, identityId: identity.id };
  const answer = await app.passing(app.run('Rotation', RUN, asked ?? {}));
  await app.stop();
  expect(answer).toMatchObject({ status: 'FAILED', error });
  for (const part of [...says(identity), 'Nothing was changed']) expect(answer['cause']).toContain(part);
  expect(await world(app, identity)).toBe(before);
  expect(await app.deps.registry.openRuns()).toEqual([]);
  if (outcome === 'unopened') await expectUnopened(app);
  else await expectRecorded(app, outcome, error);
}

describe('a rotation that is asked for with', () => {
  it.each(inputs)('$wrong ends in a sentence and opens no run', expectRefusal);
});

describe('a rotation changes nothing, says why and is recorded, given', () => {
  it.each(policies)('$wrong', expectRefusal);
  it.each(secrets)('$wrong', expectRefusal);
  it.each(targets)('$wrong', expectRefusal);
  it.each(order)('$wrong', expectRefusal);

  it('a target that nothing listens at, after its retries', async () => {
    const port = await freePort();
    await expectRefusal({
      wrong: 'unreachable',
      policy: (identity) => target(identity, { port }),
      error: 'TargetUnreachable',
      says: () => [`127.0.0.1:${port}`, 'ECONNREFUSED', 'did not answer'],
      outcome: 'aborted',
    });
  });
});

it('an identity whose policy is not enrolled yet opens no run', async () => {
  const identity = await sound('in-place');
  const app = await memoryApp([identity.policy]);
  const answer = await app.passing(app.run('Rotation', RUN, { identityId: identity.id }));
  await app.stop();
  expect(answer).toMatchObject({
    error: 'UnknownIdentity',
    cause: expect.stringContaining('let Sweep enrol it'),
  });
  await expectUnopened(app);
});
