import { enrol } from '../../lambdas/steps/sweep/enrol';
import { CrashPlan, type CrashPoint } from '../support/crash-ports';
import { memoryApp, type MemoryApp } from '../support/memory-app';
import { violations } from '../support/oracle';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { seedIdentity, storeSecrets, type SeededIdentity } from '../support/postgres-identity';
import { quietSteps } from '../support/quiet';

quietSteps();

let server: TestPostgres;
beforeAll(async () => {
  server = await testPostgres();
});
afterAll(async () => server.stop());

type Aftermath = 'the machine repeats the step' | 'the execution ends with it';

interface Trial {
  readonly strategy: 'alternating' | 'in-place';
  readonly point: CrashPoint | undefined;
  readonly aftermath: Aftermath;
}

const RUN = 'the-run';

/** Runs one rotation with one crash in it, then lets time pass and Settle work until nothing is left to do. */
async function trial(identity: SeededIdentity, { point, aftermath }: Trial) {
  const holder: { app?: MemoryApp } = {};
  const stop = () => {
    if (aftermath === 'the execution ends with it')
      void holder.app?.states.handle('StopExecution', {
        executionArn: `arn:aws:states:us-east-1:111111111111:execution:Rotation:${RUN}`,
      });
  };
  const plan = new CrashPlan(point, stop);
  const app = await memoryApp([identity.policy], (deps) => plan.around(deps));
  holder.app = app;
  storeSecrets(app.vault, identity);
  await enrol(app.deps);
  await app.passing(app.run('Rotation', RUN, { identityId: identity.id, reason: 'trial' }));
  for (let round = 0; round < 12 && (await unsettled(app, identity)) === 'yes'; round += 1) {
    await app.clock.advance(10 * 60_000);
    await app.passing(app.settle());
  }
  await app.stop();
  return { app, plan };
}

async function unsettled(app: MemoryApp, identity: SeededIdentity): Promise<'yes' | 'no'> {
  const owed = await app.deps.registry.obligationsOf(identity.id);
  return (await app.deps.registry.openRuns()).length + owed.length > 0 ? 'yes' : 'no';
}

const strategies = ['alternating', 'in-place'] as const;
const aftermaths: readonly Aftermath[] = ['the machine repeats the step', 'the execution ends with it'];

describe.each(strategies)('with the strategy %s', (strategy) => {
  it.each(aftermaths)(
    'whichever port call a worker dies at, nothing is left over when %s',
    async (aftermath) => {
      const counting = await seedIdentity(server, { id: `count-${strategy}-${aftermath.length}`, strategy });
      const { plan, app } = await trial(counting, { strategy, point: undefined, aftermath });
      expect(await violations(app.deps, server, counting)).toEqual([]);
      const stride = Number(process.env['GAPLESS_FAULT_STRIDE'] ?? '29');
      const found: string[] = [];
      const outcomes: Record<string, number> = {};
      for (
        let call = Number(process.env['GAPLESS_FAULT_FROM'] ?? '0');
        call < plan.calls.length;
        call += stride
      ) {
        for (const side of ['before', 'after'] as const) {
          const identity = await seedIdentity(server, {
            id: `t${call}-${side}-${strategy}-${aftermath.length}`,
            strategy,
          });
          const run = await trial(identity, { strategy, point: { call, side }, aftermath });
          const outcome = (await run.app.deps.registry.summary(RUN))?.outcome ?? 'none';
          outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
          const where = `${side} call ${call} ${run.plan.calls[call] ?? ''} (${outcome})`;
          found.push(
            ...(await violations(run.app.deps, server, identity)).map(
              (violation) => `${where}: ${violation}`,
            ),
          );
        }
      }
      process.stdout.write(
        `${strategy}, ${aftermath}: ${plan.calls.length} port calls, outcomes ${JSON.stringify(outcomes)}\n`,
      );
      expect(found).toEqual([]);
    },
    600_000,
  );
});
