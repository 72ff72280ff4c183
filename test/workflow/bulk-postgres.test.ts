import { enrol } from '../../lambdas/steps/sweep/enrol';
import { BULK, closedBulk, counts, untilClosed, verdictsOf } from '../support/bulk-scene';
import { seedFleet, type Fleet, type FleetRole } from '../support/fleet';
import { memoryApp, type MemoryApp } from '../support/memory-app';
import { login } from '../support/oracle';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { quietSteps } from '../support/quiet';

quietSteps();

/** Roles of one owner for each rate; a thousand takes minutes: `GAPLESS_BULK_ROLES=1000`. */
const ROLES = rolesAsked(process.env['GAPLESS_BULK_ROLES'] ?? '30');
/** Percent of the roles that cannot be revoked: `GAPLESS_BULK_RATES=10,90`. */
const RATES = ratesAsked(process.env['GAPLESS_BULK_RATES'] ?? '1,50,99');
const AT_ONCE = Math.min(20, Math.ceil(ROLES / 5));
const ATTACKED = 5;
const EXECUTION = `arn:aws:states:us-east-1:111111111111:execution:BulkRevocation:${BULK}`;

function rolesAsked(given: string): number {
  if (/^[1-9]\d{1,3}$/.test(given)) return Number(given);
  throw new Error(`GAPLESS_BULK_ROLES: got ${JSON.stringify(given)}, want a whole number from 10 to 9999`);
}

function ratesAsked(given: string): readonly number[] {
  if (/^[1-9]\d?(,[1-9]\d?)*$/.test(given)) return given.split(',').map(Number);
  throw new Error(`GAPLESS_BULK_RATES: got ${JSON.stringify(given)}, want whole numbers from 1 to 99`);
}

let server: TestPostgres;
beforeAll(async () => {
  process.stdout.write(
    `${ROLES} roles at each of ${RATES.join(', ')} % (GAPLESS_BULK_ROLES, GAPLESS_BULK_RATES)\n`,
  );
  server = await testPostgres(['-c', 'max_connections=300']);
}, 180_000);
afterAll(async () => server.stop());

/** How the roles are met: the admin lost every second of those that fail, the others are looked for where nobody listens. */
interface Given {
  readonly fleet: Fleet;
  readonly failing: readonly FleetRole[];
  readonly policies: readonly object[];
}

async function fleetFailing(rate: number): Promise<Given> {
  const name = `fleet${rate}`;
  const fleet = await seedFleet(server, name, ROLES);
  const count = Math.min(ROLES - 1, Math.max(1, Math.round((ROLES * rate) / 100)));
  // Spread over the whole list, so that no moment of the run is without them.
  const failing = fleet.roles.filter(
    (_, at) => Math.floor(((at + 1) * count) / ROLES) > Math.floor((at * count) / ROLES),
  );
  const lost = failing.filter((_, at) => at % 2 === 0);
  await server.sql(lost.map(({ role }) => `REVOKE ${role} FROM ${name}_admin`).join(';'));
  const unreached = new Set(failing.filter((_, at) => at % 2 === 1));
  const policies = fleet.roles.map((each) =>
    unreached.has(each) ? { ...each.policy, target: { ...each.policy.target, port: 1 } } : each.policy,
  );
  return { fleet, failing, policies };
}

/** The app, whose bulk execution is stopped by hand at so many invocations of steps. */
async function dyingAt(count: number, { fleet, policies }: Given): Promise<MemoryApp> {
  let calls = 0;
  const app = await memoryApp(policies, (deps) => {
    calls += 1;
    if (calls === count) void app.states.handle('StopExecution', { executionArn: EXECUTION });
    return { deps, died: new Promise(() => undefined) };
  });
  fleet.store(app.vault);
  await enrol(app.deps);
  return app;
}

async function attackers({ roles }: Fleet) {
  return Promise.all(
    roles.slice(0, ATTACKED).map(async ({ role, policy, material }) =>
      server.open({
        user: role,
        password: material.reveal('password') ?? '',
        database: String(policy.target['database']),
      }),
    ),
  );
}

/** What the server itself says of each role: its first password presented, its row, and its sessions. */
async function truth({ roles }: Fleet) {
  const answers = new Map<string, string>();
  for (let from = 0; from < roles.length; from += AT_ONCE)
    await Promise.all(
      roles.slice(from, from + AT_ONCE).map(async ({ id, material }) => {
        answers.set(id, await login(server, material));
      }),
    );
  const names = roles.map(({ role }) => role);
  const rows = await server.sql<{ rolname: string }>(
    'SELECT rolname FROM pg_authid WHERE rolcanlogin AND rolname = ANY($1)',
    [names],
  );
  const open = await server.sql<{ usename: string }>(
    'SELECT usename FROM pg_stat_activity WHERE usename = ANY($1)',
    [names],
  );
  const entered = new Set(rows.map(({ rolname }) => rolname));
  const busy = new Set(open.map(({ usename }) => usename));
  const idsOf = (wanted: (role: FleetRole) => boolean) => roles.filter(wanted).map(({ id }) => id);
  return {
    accepted: idsOf(({ id }) => answers.get(id) === 'accepted'),
    refused: idsOf(({ id }) => answers.get(id) === '28P01'),
    mayLogIn: idsOf(({ role }) => entered.has(role)),
    withSessions: idsOf(({ role }) => busy.has(role)),
  };
}

/** Lets Settle look until nothing of these is owed. */
async function untilPaid(app: MemoryApp, ids: readonly string[]): Promise<void> {
  const wanted = new Set(ids);
  for (let look = 0; look < 60; look += 1) {
    const owed = await app.deps.registry.openObligations(10 * ROLES);
    if (!owed.some(({ identityId }) => wanted.has(identityId))) return;
    await app.clock.advance(60 * 60_000);
    await app.passing(app.settle());
  }
}

/** How often each code stands in the verdicts that are not green. */
function whysOf(verdicts: Awaited<ReturnType<typeof verdictsOf>>): string {
  const times = new Map<string, number>();
  for (const { why } of verdicts) {
    const code = why === null ? 'proven' : why.slice(0, 90);
    times.set(code, (times.get(code) ?? 0) + 1);
  }
  return [...times]
    .slice(0, 6)
    .map(([code, count]) => `  ${count} x ${code}`)
    .join('\n');
}

describe.each(RATES)('%i percent of many roles of a real PostgreSQL cannot be revoked', (rate) => {
  it(
    'and, though the parent is killed in the middle, each is counted as the server answers',
    async () => {
      const given = await fleetFailing(rate);
      const { fleet, failing } = given;
      const sessions = await attackers(fleet);
      const app = await dyingAt(2 * ROLES, given);
      const { registry } = app.deps;
      const input = {
        select: { owner: 'team-fleet' },
        reason: 'the laptop of the team was lost',
        atOnce: AT_ONCE,
      };
      const killed = await app.passing(app.run('BulkRevocation', BULK, input));
      expect(killed).toMatchObject({ status: 'ABORTED' });
      const begun = (await registry.runs({ limit: 2 * ROLES })).filter(({ kind }) => kind === 'revocation');
      expect(begun.length).toBeGreaterThan(0);
      expect(begun.length).toBeLessThan(ROLES);

      await untilClosed({ app });
      const { census } = await closedBulk({ app });
      const verdicts = await verdictsOf({ app }, census);
      const ids = failing.map(({ id }) => id);
      await untilPaid(
        app,
        fleet.roles.map(({ id }) => id).filter((id) => !ids.includes(id)),
      );
      const seen = await truth(fleet);
      process.stdout.write(
        `${ROLES} roles, ${rate} %, parent killed with ${begun.length} begun: ${JSON.stringify(counts(census))}; the server accepts ${seen.accepted.length}, refuses ${seen.refused.length}\n${whysOf(verdicts)}\n`,
      );
      const of = (wanted: string) =>
        verdicts.filter(({ verdict }) => verdict === wanted).map(({ identityId }) => identityId);
      expect(verdicts.map(({ identityId }) => identityId)).toEqual(fleet.roles.map(({ id }) => id));
      expect(of('done').filter((id) => !seen.refused.includes(id))).toEqual([]);
      expect(ids.filter((id) => !of('failed').includes(id))).toEqual([]);
      expect(seen.accepted).toEqual(ids);
      expect(seen.mayLogIn).toEqual(ids);
      expect(seen.withSessions.filter((id) => !ids.includes(id))).toEqual([]);
      // A server too busy to answer in time leaves some to Settle; each is counted once.
      const late = of('failed').filter((id) => !ids.includes(id));
      expect(counts(census)).toEqual({
        asked: ROLES,
        done: ROLES - failing.length - late.length,
        failed: failing.length + late.length,
        skipped: 0,
        unknown: 0,
      });
      for (const [at, session] of sessions.entries())
        if (!failing.some(({ id }) => id === fleet.roles[at]?.id))
          await expect(session.query('SELECT 1')).rejects.toThrow();
      const owing = await Promise.all(ids.map((id) => registry.obligationsOf(id)));
      expect(owing.filter((owed) => owed.length !== 1)).toEqual([]);
      await app.stop();
    },
    120_000 + ROLES * 3_000,
  );
});
