import type { Registry } from '../../core/ports/registry';
import { enrol } from '../../lambdas/steps/sweep/enrol';
import { memoryApp, type MemoryApp } from '../support/memory-app';
import { violations } from '../support/oracle';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { seedIdentity, storeSecrets } from '../support/postgres-identity';
import { quietSteps } from '../support/quiet';
import { livingViolations } from '../support/revocation-oracle';
import { settled, type Scene } from '../support/rotation-scene';

quietSteps();

let server: TestPostgres;
beforeAll(async () => {
  server = await testPostgres();
});
afterAll(async () => server.stop());

const RUN = 'the-stopped';

type Machine = 'Rotation' | 'Revocation';
const claimOf = { Rotation: 'claimLease', Revocation: 'preemptLease' } as const;

/** Holds up the first claim of one kind until `before` is done; the claim is made all the same. */
function heldUp(
  registry: Registry,
  claim: 'claimLease' | 'preemptLease',
  before: () => Promise<void>,
): Registry {
  let calls = 0;
  const first = async () => {
    calls += 1;
    if (calls === 1) await before();
  };
  const claimLease: Registry['claimLease'] = async (id, lease) => {
    if (claim === 'claimLease') await first();
    return registry.claimLease(id, lease);
  };
  const preemptLease: Registry['preemptLease'] = async (id, lease) => {
    if (claim === 'preemptLease') await first();
    return registry.preemptLease(id, lease);
  };
  return { ...registry, claimLease, preemptLease };
}

/** An execution that is stopped before its worker claims the identity; Settle looks before the worker does. */
async function stopped(machine: Machine): Promise<Scene & { readonly held: string | undefined }> {
  const identity = await seedIdentity(server, {
    id: `stopped-${machine.toLowerCase()}`,
    strategy: 'alternating',
  });
  const holder: { app?: MemoryApp; registry?: Registry } = {};
  const executionArn = `arn:aws:states:us-east-1:111111111111:execution:${machine}:${RUN}`;
  const stopAndLook = async () => {
    await holder.app?.states.handle('StopExecution', { executionArn });
    await holder.app?.clock.advance(20_000);
    await holder.app?.settle();
  };
  const app = await memoryApp([identity.policy], (deps) => {
    holder.registry ??= heldUp(deps.registry, claimOf[machine], stopAndLook);
    const sleep = async (ms: number) => holder.app?.clock.advance(ms);
    return { deps: { ...deps, registry: holder.registry, sleep }, died: new Promise(() => undefined) };
  });
  holder.app = app;
  storeSecrets(app.vault, identity);
  await enrol(app.deps);
  const input = { identityId: identity.id, reason: 'stopped by hand' };
  expect(await app.passing(app.run(machine, RUN, input))).toMatchObject({ status: 'ABORTED' });
  // The worker goes on after its execution has ended.
  for (let turn = 0; turn < 200 && !(await app.deps.registry.identity(identity.id))?.lease; turn += 1)
    await new Promise((resolve) => setImmediate(resolve));
  const held = (await app.deps.registry.identity(identity.id))?.lease?.runId;
  return { app, identity, held };
}

describe('an execution that is stopped before its worker claims the identity', () => {
  it('of a rotation: the run is closed after the worker, and the identity is free', async () => {
    const given = await stopped('Rotation');
    const { app, identity, held } = given;
    expect(held).toBe(RUN);
    await settled(given);
    expect(await app.deps.registry.summary(RUN)).toMatchObject({ outcome: 'aborted' });
    const next = { identityId: identity.id, reason: 'the next' };
    expect(await app.passing(app.run('Rotation', 'the-next', next))).toMatchObject({ status: 'SUCCEEDED' });
    expect(await violations(app.deps, server, identity)).toEqual([]);
    await app.stop();
  }, 120_000);

  it('of a revocation: Settle goes on with it after the worker, and everything is dead', async () => {
    const given = await stopped('Revocation');
    const { app, identity, held } = given;
    expect(held).toBe(RUN);
    await settled(given);
    expect(await app.deps.registry.summary(RUN)).toMatchObject({ outcome: 'verified' });
    expect(await livingViolations(app.deps, server, identity)).toEqual([]);
    await app.stop();
  }, 120_000);
});
