import { verifyStoredRun } from '../../core/evidence/verify';
import type { RecordOf } from '../../core/evidence/record';
import { login } from '../support/oracle';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { quietSteps } from '../support/quiet';
import { rotate, rotationScene, strategies, type Scene } from '../support/rotation-scene';

quietSteps();

let server: TestPostgres;
beforeAll(async () => {
  server = await testPostgres();
});
afterAll(async () => server.stop());

const REVOCATION = 'the-revocation';

async function revoke({ app, identity }: Scene, name = REVOCATION): Promise<Record<string, unknown>> {
  return app.passing(app.run('Revocation', name, { identityId: identity.id, reason: 'a key was found' }));
}

async function closed({ app }: Scene, runId = REVOCATION): Promise<RecordOf<'RunClosed'>> {
  const check = await verifyStoredRun(app.deps.evidence, runId);
  if (check.state !== 'verified') throw new Error(JSON.stringify(check.first));
  const last = check.run.at(-1);
  if (last?.type !== 'RunClosed') throw new Error(`run ${runId} ends with ${last?.type ?? 'nothing'}`);
  return last;
}

describe.each(strategies)('a revocation of an identity of the strategy %s', (strategy) => {
  it('ends verified at L4 with every version refused, and leaves nothing owed', async () => {
    const given = await rotationScene(server, { id: `revoke-${strategy}`, strategy });
    await rotate(given);
    const { app, identity } = given;
    expect(await revoke(given)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await closed(given)).toMatchObject({
      outcome: 'verified',
      level: 'L4',
      deadline: 'kept',
    });
    const { current, previous } = await app.vault.labels(identity.secret);
    for (const id of [current, previous]) {
      const material = await app.vault.read(identity.secret, id ?? '');
      expect(material && (await login(server, material))).toBe('28P01');
    }
    const owed = await app.deps.registry.obligationsOf(identity.id);
    expect(owed.filter(({ type }) => type === 'refusal')).toEqual([]);
    expect(await app.deps.registry.openRuns()).toEqual([]);
    await app.stop();
  });

  it('is not undone by a rotation: one that is started afterwards is refused and says how to reissue', async () => {
    const given = await rotationScene(server, { id: `revoked-${strategy}`, strategy });
    await revoke(given);
    expect(await rotate(given)).toMatchObject({
      status: 'FAILED',
      error: 'IdentityRevoked',
      cause: expect.stringContaining('--reissue'),
    });
    await given.app.stop();
  });
});
