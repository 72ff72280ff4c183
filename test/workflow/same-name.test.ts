import { verifyStoredRun } from '../../core/evidence/verify';
import { open } from '../../lambdas/steps/open/run';
import { approvalScene, bob } from '../support/approval-scene';
import { login } from '../support/oracle';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { quietSteps } from '../support/quiet';
import { rotate, rotationScene, RUN, type Scene } from '../support/rotation-scene';

quietSteps();

let server: TestPostgres;
beforeAll(async () => {
  server = await testPostgres();
}, 180_000);
afterAll(async () => server.stop());

type Machine = 'Rotation' | 'Revocation' | 'BulkRevocation';
const inputs: Readonly<Record<Machine, (id: string) => object>> = {
  Rotation: (identityId) => ({ identityId, reason: 'again' }),
  Revocation: (identityId) => ({ identityId, reason: 'a key was found' }),
  BulkRevocation: (id) => ({ select: { ids: [id] }, reason: 'a key was found' }),
};

const conflict = {
  status: 'FAILED',
  error: 'EvidenceConflict',
  cause: expect.stringMatching(/a run of that name exists since .* Nothing was changed; start again under/),
};

/** Everything that is kept about the first run and its identity. */
async function kept({ app, identity }: Scene): Promise<object> {
  const { evidence, registry } = app.deps;
  const chains = await verifyStoredRun(evidence, RUN);
  expect(chains).toMatchObject({ state: 'verified', closed: 'yes' });
  return {
    chains,
    summary: await registry.summary(RUN),
    row: await registry.identity(identity.id),
    owed: await registry.obligationsOf(identity.id),
    open: await registry.openRuns(),
    labels: await app.vault.labels(identity.secret),
  };
}

describe('an execution named like a closed run', () => {
  it.each<Machine>(['Revocation', 'BulkRevocation'])(
    'of Rotation, of the machine %s, fails and changes neither its chains nor the target',
    async (machine) => {
      const given = await rotationScene(server, {
        id: `${machine.toLowerCase()}-db`,
        strategy: 'alternating',
      });
      const { app, identity } = given;
      await rotate(given);
      const before = await kept(given);
      const input = inputs[machine](identity.id);
      expect(await app.passing(app.run(machine, RUN, input))).toMatchObject(conflict);
      expect(await kept(given)).toEqual(before);
      expect(await login(server, (await app.vault.readCurrent(identity.secret)).material)).toBe('accepted');
      await app.stop();
    },
    60_000,
  );

  it('of Revocation, of the machine Rotation, fails and leaves the identity revoked', async () => {
    const given = await rotationScene(server, { id: 'rotation-db', strategy: 'alternating' });
    const { app, identity } = given;
    await app.passing(app.run('Revocation', RUN, inputs.Revocation(identity.id)));
    const before = await kept(given);
    expect(await rotate(given)).toMatchObject(conflict);
    expect(await kept(given)).toEqual(before);
    expect((await app.deps.registry.identity(identity.id))?.revoked).toMatchObject({ runId: RUN });
    await app.stop();
  }, 60_000);

  it('of the same machine, long after, fails before it takes the lease', async () => {
    const given = await rotationScene(server, { id: 'later-db', strategy: 'alternating' });
    const { app, identity } = given;
    await rotate(given);
    const before = await kept(given);
    const startTime = new Date(app.clock.now() + 91 * 24 * 60 * 60_000).toISOString();
    const execution = { id: 'arn:of:another', name: RUN, startTime, redriveCount: 0 };
    await expect(open(app.deps, execution, inputs.Rotation(identity.id))).rejects.toMatchObject({
      name: 'EvidenceConflict',
      effect: 'none',
    });
    expect(await kept(given)).toEqual(before);
    await app.stop();
  }, 60_000);
});

describe('an execution named like an open run', () => {
  it.each([
    { fault: 'its name', input: inputs.Revocation('orders-db'), error: 'EvidenceConflict' },
    { fault: 'an input that is none', input: {}, error: 'InvalidInput' },
  ])(
    'fails by $fault and leaves it open: it waits for its approval and then goes on',
    async (given) => {
      const scene = await approvalScene();
      await scene.start(RUN);
      const { approvalId, requestSha256 } = await scene.waiting(RUN);
      const before = await scene.records(RUN);
      const { app } = scene;
      expect(await app.passing(app.run('Revocation', RUN, given.input))).toMatchObject({
        error: given.error,
      });
      expect(await scene.records(RUN)).toEqual(before);
      expect((await app.deps.registry.openRuns()).map(({ runId }) => runId)).toContain(RUN);
      const answer = await scene.call('decisions', bob, 'POST', `/approvals/${approvalId}/approve`, {
        requestSha256,
      });
      expect(answer).toMatchObject({ status: 200 });
      await scene.ended(RUN);
      expect((await scene.records(RUN))[1]).toMatchObject({ type: 'ApprovalDecided', decision: 'approved' });
      await app.stop();
    },
    60_000,
  );
});
