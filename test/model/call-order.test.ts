import { enrol } from '../../lambdas/steps/sweep/enrol';
import { CrashPlan } from '../support/crash-ports';
import { memoryApp } from '../support/memory-app';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { seedIdentity, storeSecrets } from '../support/postgres-identity';
import { quietSteps } from '../support/quiet';
import { protocol } from './protocol';
import type { Scope } from './scope';

quietSteps();

let server: TestPostgres;
beforeAll(async () => {
  server = await testPostgres();
});
afterAll(async () => server.stop());

/** Every call that changes something the protocol rests on; summaries and notices decide nothing. */
const ports: Readonly<Record<string, readonly string[]>> = {
  registry: [
    'openRun',
    'forgetRun',
    'adoptRun',
    'claimLease',
    'preemptLease',
    'takeOverLease',
    'releaseLease',
    'claimBusy',
    'releaseBusy',
    'setVersions',
    'setRevoked',
    'schedule',
    'openObligation',
    'payObligation',
  ],
  evidence: ['put'],
  vault: ['putPending', 'promote', 'dropPending'],
  target: ['apply', 'suspend', 'revoke'],
};
const effects = Object.entries(ports).flatMap(([port, methods]) =>
  methods.map((method) => `${port}.${method}`),
);

const effective = (calls: readonly string[]) => calls.filter((call) => effects.includes(call));

/** The calls of the one run that the scope has, in the model, when nothing goes wrong. */
function modelled(scope: Pick<Scope, 'rotations' | 'emergency'>): readonly string[] {
  const system = protocol({ ...scope, faults: 0, workers: 'end with their execution' });
  const calls: string[] = [];
  let [state] = system.initial;
  while (state !== undefined) {
    const next = system.moves(state).find(({ name }) => name !== 'time passes');
    calls.push(next?.name.split(' ').at(-1) ?? '');
    state = next?.to;
  }
  return effective(calls);
}

/** The calls of the same run of the product, over memory stores and a real server. */
async function real(machine: 'Rotation' | 'Revocation'): Promise<readonly string[]> {
  const identity = await seedIdentity(server, {
    id: `order-${machine.toLowerCase()}`,
    strategy: 'alternating',
  });
  const plan = new CrashPlan(undefined);
  const app = await memoryApp([identity.policy], (deps) => plan.around(deps));
  storeSecrets(app.vault, identity);
  await enrol(app.deps);
  const slot = (await app.deps.registry.identity(identity.id))?.slot;
  const input = { identityId: identity.id, ...(machine === 'Rotation' ? { slot } : { reason: 'a test' }) };
  await app.passing(app.run(machine, 'the-run', input));
  expect((await app.deps.registry.summary('the-run'))?.outcome).toBe('verified');
  await app.stop();
  return effective(plan.calls);
}

it('a rotation makes the calls of the model in the order of the model', async () => {
  expect(await real('Rotation')).toEqual(modelled({ rotations: ['A'], emergency: 'none' }));
}, 120_000);

/** Close pays beside its terminal record; which of the two lands first is not said, and the model tries both. */
const paidFirst = (calls: readonly string[]) =>
  calls.toSpliced(-4, 2, ...calls.slice(-4, -2).toSorted().toReversed());

it('a revocation makes the calls of the model in the order of the model', async () => {
  const model = modelled({ rotations: [], emergency: 'one' });
  expect(paidFirst(await real('Revocation'))).toEqual(paidFirst(model));
}, 120_000);
