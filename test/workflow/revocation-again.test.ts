import type { RecordOf } from '../../core/evidence/record';
import { storyOf } from '../../lambdas/steps/heads';
import { enrol } from '../../lambdas/steps/sweep/enrol';
import { sharedAssembly } from '../support/assembly';
import { memoryApp, type MemoryApp } from '../support/memory-app';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { seedIdentity } from '../support/postgres-identity';
import { quietSteps } from '../support/quiet';
import { settled } from '../support/rotation-scene';

quietSteps();

let server: TestPostgres;
beforeAll(async () => {
  server = await testPostgres();
  await sharedAssembly();
}, 180_000);
afterAll(async () => server.stop());

/** A worker of a rotation acts until `until`, and a first emergency that fails has taken the identity from it. */
async function afterOneThatFailed(id: string) {
  const identity = await seedIdentity(server, { id, strategy: 'in-place' });
  const holder: { app?: MemoryApp } = {};
  const app = await memoryApp([identity.policy], (deps) => {
    return {
      deps: { ...deps, sleep: async (ms: number) => holder.app?.clock.advance(ms) },
      died: new Promise(() => undefined),
    };
  });
  holder.app = app;
  const secrets = Object.entries(identity.secrets);
  for (const [secret, { use, material }] of secrets)
    if (use !== 'admin') app.vault.create(secret, `v-${use}`, material);
  await enrol(app.deps);
  const at = (ms: number) => new Date(app.clock.now() + ms).toISOString();
  const until = at(30_000);
  const { registry } = app.deps;
  const lease = {
    runId: 'rotation',
    executionArn: 'arn:rotation',
    claimedAt: at(0),
    kind: 'rotation',
  } as const;
  await registry.claimLease(id, lease);
  await registry.claimBusy(id, { fence: 1, stage: 'Retire', now: at(0), until });
  const input = { identityId: id, reason: 'seen on a forum' };
  const first = await app.passing(app.run('Revocation', 'first', input));
  expect(first).toMatchObject({ status: 'FAILED', error: 'AdminSecretMissing' });
  expect(app.clock.now()).toBeLessThan(Date.parse(until));
  for (const [secret, { use, material }] of secrets)
    if (use === 'admin') app.vault.create(secret, `v-${use}`, material);
  return { app, identity, input, until };
}

async function judgedIn({ deps }: MemoryApp, runId: string): Promise<RecordOf<'Judged'> | undefined> {
  const { proof } = await storyOf(deps.evidence, runId);
  return proof.findLast((record): record is RecordOf<'Judged'> => record.type === 'Judged');
}

describe('while a worker of a preempted rotation may still act, and the emergency that took it away has failed', () => {
  it('a second emergency counts no refusal before the end of that worker’s time', async () => {
    const { app, input, until } = await afterOneThatFailed('again-db');
    expect(await app.passing(app.run('Revocation', 'second', input))).toMatchObject({ status: 'SUCCEEDED' });
    const judged = await judgedIn(app, 'second');
    expect(judged).toMatchObject({ finding: 'proven' });
    expect((judged?.firstStableRefusalAt ?? '') > until).toBe(true);
    await app.stop();
  });

  it('neither does the run that Settle pays it with', async () => {
    const { app, identity, until } = await afterOneThatFailed('again-paid-db');
    const execution = { kind: 'contain', identityId: identity.id, about: 'first', attempt: 0 };
    await app.passing(app.run('Settle', 'paying', execution));
    expect((await judgedIn(app, 'paying'))?.firstStableRefusalAt ?? '').not.toBe('');
    expect(((await judgedIn(app, 'paying'))?.firstStableRefusalAt ?? '') > until).toBe(true);
    await settled({ app, identity });
    const owed = await app.deps.registry.obligationsOf(identity.id);
    expect(owed.filter(({ type }) => type === 'refusal')).toEqual([]);
    await app.stop();
  });
});
