import { enrol } from '../../lambdas/steps/sweep/enrol';
import { closedBulk, counts } from '../support/bulk-scene';
import { seedFleet } from '../support/fleet';
import { memoryApp } from '../support/memory-app';
import { login } from '../support/oracle';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { quietSteps } from '../support/quiet';

quietSteps();

const COUNT = 40;

let server: TestPostgres;
beforeAll(async () => {
  server = await testPostgres(['-c', 'max_connections=300']);
});
afterAll(async () => server.stop());

describe('forty roles of a real PostgreSQL, five of which the admin lost', () => {
  it('are counted as the server answers: who is done cannot log in, who is not still can, and stays owed', async () => {
    const fleet = await seedFleet(server, 'fleet', COUNT);
    const lost = fleet.roles.filter((_, index) => index % 8 === 3);
    for (const { role } of lost) await server.sql(`REVOKE ${role} FROM fleet_admin`);
    const app = await memoryApp(fleet.roles.map(({ policy }) => policy));
    fleet.store(app.vault);
    await enrol(app.deps);
    const attacker = await server.open({
      user: fleet.roles[0]?.role ?? '',
      password: fleet.roles[0]?.material.reveal('password') ?? '',
      database: 'fleet',
    });
    const input = { select: { owner: 'team-fleet' }, reason: 'the laptop of the team was lost' };
    const answer = await app.passing(app.run('BulkRevocation', 'the-bulk', input));
    expect(answer).toMatchObject({ status: 'FAILED', error: 'BulkIncomplete' });
    const { census } = await closedBulk({ app });
    expect(counts(census)).toEqual({ asked: COUNT, done: 35, failed: 5, skipped: 0, unknown: 0 });
    const answers = await Promise.all(fleet.roles.map(({ material }) => login(server, material)));
    const open = fleet.roles.filter((_, index) => answers[index] === 'accepted');
    expect(open.map(({ role }) => role)).toEqual(lost.map(({ role }) => role));
    expect(answers.filter((each) => each === '28P01')).toHaveLength(35);
    await expect(attacker.query('SELECT 1')).rejects.toThrow();
    for (const { id } of lost) expect(await app.deps.registry.obligationsOf(id)).toHaveLength(1);
    await app.stop();
  }, 180_000);
});
