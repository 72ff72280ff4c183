import { enrol } from '../../lambdas/steps/sweep/enrol';
import { CrashPlan, type CrashPoint } from '../support/crash-ports';
import { memoryApp, type MemoryApp } from '../support/memory-app';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { seedIdentity, storeSecrets, type SeededIdentity } from '../support/postgres-identity';
import { quietSteps } from '../support/quiet';
import { alive, livingViolations } from '../support/revocation-oracle';
import { settled, strategies } from '../support/rotation-scene';

quietSteps();

let server: TestPostgres;
beforeAll(async () => {
  server = await testPostgres();
});
afterAll(async () => server.stop());

type Aftermath = 'repeated' | 'stopped';

const RUN = 'the-emergency';
const STRIDE = Number(process.env['GAPLESS_FAULT_STRIDE'] ?? '23');

/** One emergency with one crash in it; then time passes and Settle works until nothing is left to do. */
async function trial(identity: SeededIdentity, point: CrashPoint | undefined, aftermath: Aftermath) {
  const holder: { app?: MemoryApp } = {};
  const executionArn = `arn:aws:states:us-east-1:111111111111:execution:Revocation:${RUN}`;
  const plan = new CrashPlan(point, () => {
    if (aftermath === 'stopped') void holder.app?.states.handle('StopExecution', { executionArn });
  });
  const app = await memoryApp([identity.policy], (deps) => {
    return plan.around({ ...deps, sleep: async (ms) => holder.app?.clock.advance(ms) });
  });
  holder.app = app;
  storeSecrets(app.vault, identity);
  await enrol(app.deps);
  await app.passing(app.run('Revocation', RUN, { identityId: identity.id, reason: 'trial' }));
  // Green may never come before the server itself refuses.
  const early = (await app.deps.registry.summary(RUN))?.outcome === 'verified';
  const found = early ? await alive(app.deps, server, identity) : [];
  await settled({ app, identity });
  const outcome = (await app.deps.registry.summary(RUN))?.outcome ?? 'none';
  // An execution that was stopped before its run was opened left nothing, and is red in the console.
  if (outcome === 'none') found.push(...(await leftBehind(app, identity)));
  else found.push(...(await livingViolations(app.deps, server, identity)));
  await app.stop();
  return { plan, outcome, found };
}

async function leftBehind({ deps: { registry, evidence } }: MemoryApp, identity: SeededIdentity) {
  const found: string[] = [];
  if ((await evidence.read('RUN', RUN)).length > 0) found.push('a run was opened and is in no list');
  if ((await registry.openRuns()).length > 0) found.push('a marker was left behind');
  if ((await registry.identity(identity.id))?.lease) found.push('a lease was left behind');
  return found;
}

describe.each(strategies)('an emergency revocation of an identity of the strategy %s', (strategy) => {
  it.each(['repeated', 'stopped'] as const)(
    'is green only when everything is dead, and dead in the end, whichever port call a worker dies at (the step is %s)',
    async (aftermath) => {
      const seed = (name: string) =>
        seedIdentity(server, { id: `${name}-${strategy}-${aftermath}`, strategy });
      const counted = await trial(await seed('count'), undefined, aftermath);
      const { calls } = counted.plan;
      const found = counted.found.map((violation) => `without a crash: ${violation}`);
      const outcomes: Record<string, number> = {};
      for (let call = Number(process.env['GAPLESS_FAULT_FROM'] ?? '0'); call < calls.length; call += STRIDE) {
        for (const side of ['before', 'after'] as const) {
          const run = await trial(await seed(`r${call}-${side}`), { call, side }, aftermath);
          outcomes[run.outcome] = (outcomes[run.outcome] ?? 0) + 1;
          const where = `${side} call ${call} ${calls[call] ?? ''} (${run.outcome})`;
          found.push(...run.found.map((violation) => `${where}: ${violation}`));
        }
      }
      process.stdout.write(
        `${strategy}, ${aftermath}: ${calls.length} port calls, outcomes ${JSON.stringify(outcomes)}\n`,
      );
      expect(found).toEqual([]);
    },
    600_000,
  );
});
