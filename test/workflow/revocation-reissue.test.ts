import { MemoryNotices } from '../../adapters/memory/notices';
import { verifyStoredRun } from '../../core/evidence/verify';
import { nameOf } from '../../lambdas/steps/settle/name';
import { sharedAssembly } from '../support/assembly';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { quietSteps } from '../support/quiet';
import { rotate, rotationScene, settled, type Scene } from '../support/rotation-scene';

quietSteps();

let server: TestPostgres;
beforeAll(async () => {
  server = await testPostgres();
  await sharedAssembly();
}, 180_000);
afterAll(async () => server.stop());

const RUN = 'the-emergency';

async function scene(id: string): Promise<{ given: Scene; notices: MemoryNotices }> {
  const given = await rotationScene(server, { id, strategy: 'alternating' });
  const notices = new MemoryNotices();
  Object.assign(given.app.deps, { notices });
  return { given, notices };
}

async function revoke({ app, identity }: Scene): Promise<Record<string, unknown>> {
  const input = { identityId: identity.id, reason: 'a key was found', reissue: true };
  return app.passing(app.run('Revocation', RUN, input));
}

/** What a closed run whose chain holds says of the reissue, and what people were told of it. */
async function saidOf({ app }: Scene, notices: MemoryNotices, runId: string) {
  const check = await verifyStoredRun(app.deps.evidence, runId);
  if (check.state !== 'verified') throw new Error(JSON.stringify(check.first));
  const closed = check.run.at(-1);
  if (closed?.type !== 'RunClosed') throw new Error(`run ${runId} is not closed`);
  const told = notices.sent.filter(({ data }) => data.state === 'reissue.unstarted');
  return { closed, skipped: closed.skipped.find(({ stage }) => stage === 'Reissue')?.why, told };
}

describe('a revocation with a reissue that cannot be started', () => {
  it('is verified all the same, and its evidence and a notice say what is to be started by hand', async () => {
    const { given, notices } = await scene('unstarted-db');
    // An execution of that name has ended, so no other can have it.
    await rotate(given, nameOf('reissue', RUN));
    expect(await revoke(given)).toMatchObject({ status: 'SUCCEEDED' });
    const { closed, skipped, told } = await saidOf(given, notices, RUN);
    expect(closed.outcome).toBe('verified');
    const byHand = `gapless rotate unstarted-db --reissue ${RUN}`;
    expect(skipped).toMatch(/^StepFunctions\.ExecutionAlreadyExistsException: .*Start the reissue by hand/);
    expect(skipped).toContain(byHand);
    expect(told).toMatchObject([
      { id: `${RUN}/reissue.unstarted`, data: { needs: 'person', chat: { content: {} } } },
    ]);
    expect(told[0]?.data.chat?.content.nextSteps[0]).toContain(byHand);
    await given.app.stop();
  }, 120_000);
});

describe('a revocation with a reissue that Settle had to finish', () => {
  it('starts none, and the run that paid it says so', async () => {
    const { given, notices } = await scene('settled-reissue-db');
    const { app, identity } = given;
    const admin = `${identity.database}_admin`;
    await server.sql(`ALTER ROLE ${admin} NOCREATEROLE`);
    expect(await revoke(given)).toMatchObject({ error: 'AdminRightsMissing' });
    expect((await saidOf(given, notices, RUN)).skipped).toBe('not reached: AdminRightsMissing');
    await server.sql(`ALTER ROLE ${admin} CREATEROLE`);
    await settled(given);
    const runs = await app.deps.registry.runs({ identityId: identity.id, limit: 50 });
    const paid = runs.find(({ kind, outcome }) => kind === 'settle' && outcome === 'verified');
    const { skipped, told } = await saidOf(given, notices, paid?.runId ?? '');
    expect(skipped).toContain(`gapless rotate ${identity.id} --reissue ${RUN}`);
    expect(told).toMatchObject([{ id: `${paid?.runId}/reissue.unstarted` }]);
    await app.stop();
  }, 120_000);
});
