import { enrol } from '../../lambdas/steps/sweep/enrol';
import type { Fleet } from '../../test/support/fleet';
import { memoryApp } from '../../test/support/memory-app';

const BULK = 'bench';

/** What a bulk revocation took, in milliseconds from its start. */
export interface BulkTimes {
  readonly lastRefusal: number;
  readonly closed: number;
  readonly done: number;
}

/** Revokes the fleet by its owner: the synthesised machines and steps over stores in this process. */
export async function bulkPipeline(fleet: Fleet, atOnce: number): Promise<BulkTimes> {
  const app = await memoryApp(fleet.roles.map(({ policy }) => policy));
  try {
    fleet.store(app.vault);
    await enrol(app.deps);
    const started = app.clock.now();
    const input = { select: { owner: 'team-fleet' }, reason: 'a bench', atOnce };
    const answer = await app.run('BulkRevocation', BULK, input);
    const closed = app.clock.now() - started;
    if (answer['status'] !== 'SUCCEEDED') throw new Error(`the bulk run ended: ${String(answer['cause'])}`);
    const runs = await app.deps.registry.runs({ limit: fleet.roles.length + 10 });
    const children = runs.filter(({ about }) => about === BULK);
    const refusals = await Promise.all(children.map(({ runId }) => refusedAt(app, runId)));
    return { lastRefusal: Math.max(...refusals) - started, closed, done: children.length };
  } finally {
    await app.stop();
  }
}

async function refusedAt(app: Awaited<ReturnType<typeof memoryApp>>, runId: string): Promise<number> {
  const proofs = await app.deps.evidence.read('PROOF', runId);
  const times = proofs.map(({ body }) => lastAt(JSON.parse(body)));
  return Math.max(...times);
}

/** When the credential was seen refused for the last time, by the record of its proof. */
function lastAt(record: {
  readonly observed: readonly { readonly operation: string; readonly lastAt: string }[];
}) {
  const old = record.observed.filter(({ operation }) => operation === 'old');
  return Math.max(...old.map((each) => Date.parse(each.lastAt)));
}
