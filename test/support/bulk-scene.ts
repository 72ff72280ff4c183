import * as z from 'zod/mini';
import { verifyStoredRun } from '../../core/evidence/verify';
import type { Census, RecordOf } from '../../core/evidence/record';
import { enrol } from '../../lambdas/steps/sweep/enrol';
import { memoryApp, type MemoryApp } from './memory-app';
import { manyPolicies, ModelTarget, storeMany, type Fate, type ManyApproval } from './model-target';

/** The bulk run of a scene. */
export const BULK = 'the-bulk';

/** Many identities of one owner on a model target. */
export interface BulkScene {
  readonly app: MemoryApp;
  readonly target: ModelTarget;
  readonly ids: readonly string[];
  /** Called at each invocation of a step with the number of those before it. */
  onInvocation: (count: number) => void;
}

/** Builds the app over so many identities, of which `fates` says how they meet their revocation. */
export async function bulkScene(
  count: number,
  fateOf: (index: number) => Fate = () => 'dies',
  approval: ManyApproval = {},
): Promise<BulkScene> {
  const policies = manyPolicies(count, approval);
  const ids = policies.map(({ id }) => id);
  const target = new ModelTarget(new Map(ids.map((id, index) => [id, fateOf(index)])));
  let calls = 0;
  const app = await memoryApp(policies, (deps) => {
    scene.onInvocation((calls += 1));
    const changed = { ...deps, connector: target.connector, sleep: async () => undefined };
    return { deps: changed, died: new Promise(() => undefined) };
  });
  const scene: BulkScene = { app, target, ids, onInvocation: () => undefined };
  storeMany(app.vault, policies);
  await enrol(app.deps);
  return scene;
}

/** Revokes everybody of the scene's owner and waits for the execution's end. */
export async function revokeAll({ app }: BulkScene, more: object = {}): Promise<Record<string, unknown>> {
  const input = { select: { owner: 'team-test' }, reason: 'a laptop was lost', ...more };
  return app.passing(app.run('BulkRevocation', BULK, input));
}

const MINUTE = 60_000;

/** Lets time pass and Settle look, until no run is open. */
export async function untilClosed({ app }: Pick<BulkScene, 'app'>): Promise<void> {
  for (let look = 0; look < 30; look += 1) {
    if ((await app.deps.registry.openRuns()).length === 0) return;
    await app.clock.advance(10 * MINUTE);
    await app.passing(app.settle());
  }
}

const verdictLines = z.array(
  z.object({
    identityId: z.string(),
    runId: z.nullable(z.string()),
    verdict: z.string(),
    why: z.nullable(z.string()),
  }),
);

/** The verdicts that a bulk run's census was counted from, read from the list that it names. */
export async function verdictsOf({ app }: Pick<BulkScene, 'app'>, census: Census | undefined) {
  return verdictLines.parse(JSON.parse((await app.deps.lists.read(census?.list.key ?? '')) ?? '[]'));
}

/** The one terminal record of the bulk run, after its chain was verified. */
export async function closedBulk({ app }: Pick<BulkScene, 'app'>): Promise<RecordOf<'RunClosed'>> {
  const check = await verifyStoredRun(app.deps.evidence, BULK);
  if (check.state !== 'verified') throw new Error(JSON.stringify(check.first));
  const closed = check.run.filter((record): record is RecordOf<'RunClosed'> => record.type === 'RunClosed');
  if (closed.length !== 1 || !closed[0]) throw new Error(`${closed.length} terminal records`);
  return closed[0];
}

/** The counts of a census without the list they were made of. */
export function counts(census: Census | undefined) {
  const { asked, done, failed, skipped, unknown } = census ?? {};
  return { asked, done, failed, skipped, unknown };
}
