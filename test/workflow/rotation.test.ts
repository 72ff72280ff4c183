import { verifyStoredRun } from '../../core/evidence/verify';
import type { RecordOf } from '../../core/evidence/record';
import { enrol } from '../../lambdas/steps/sweep/enrol';
import { memoryApp, type MemoryApp } from '../support/memory-app';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { seedIdentity, storeSecrets, type SeededIdentity } from '../support/postgres-identity';
import { quietSteps } from '../support/quiet';

quietSteps();

let server: TestPostgres;
beforeAll(async () => {
  server = await testPostgres();
});
afterAll(async () => server.stop());

async function ready(identities: readonly SeededIdentity[]): Promise<MemoryApp> {
  const app = await memoryApp(identities.map((identity) => identity.policy));
  for (const identity of identities) storeSecrets(app.vault, identity);
  await enrol(app.deps);
  return app;
}

async function closed(app: MemoryApp, runId: string): Promise<RecordOf<'RunClosed'>> {
  const check = await verifyStoredRun(app.deps.evidence, runId);
  if (check.state !== 'verified') throw new Error(JSON.stringify(check.first));
  const last = check.run.at(-1);
  if (last?.type !== 'RunClosed') throw new Error(`run ${runId} ends with ${last?.type ?? 'nothing'}`);
  return last;
}

describe.each(['alternating', 'in-place'] as const)('a rotation by the strategy %s', (strategy) => {
  it('ends verified at L4, twice in a row, within 12 transitions', async () => {
    const identity = await seedIdentity(server, { id: `twice-${strategy}`, strategy });
    const app = await ready([identity]);
    for (const name of ['run-one', 'run-two']) {
      const result = await app.run('Rotation', name, {
        identityId: identity.id,
        reason: 'a test',
        actor: 'tester',
      });
      expect(result).toMatchObject({ status: 'SUCCEEDED' });
      expect(await closed(app, name)).toMatchObject({ outcome: 'verified', level: 'L4', owes: [] });
    }
    expect(await app.deps.registry.openRuns()).toEqual([]);
    expect(await app.deps.registry.obligationsOf(identity.id)).toEqual([]);
    expect((await app.deps.registry.identity(identity.id))?.lease).toBeUndefined();
    await app.stop();
  });
});
