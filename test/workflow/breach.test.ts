import { verifyStoredRun } from '../../core/evidence/verify';
import type { Obligation } from '../../core/ports/registry';
import { enrol } from '../../lambdas/steps/sweep/enrol';
import { settle } from '../../lambdas/steps/settle/run';
import { memoryApp } from '../support/memory-app';
import { unreachedPolicy } from '../support/unreached-policy';

const policy = unreachedPolicy('orders-db');

describe('a deadline that is broken', () => {
  it('is recorded once, with its exact time, by the next look', async () => {
    const app = await memoryApp([policy]);
    await enrol(app.deps);
    const now = app.clock.now();
    const owed: Obligation = {
      identityId: policy.id,
      versionId: 'version-1',
      remoteId: 'orders_app',
      type: 'refusal',
      by: 'rotation',
      runId: 'run-1',
      openedAt: new Date(now).toISOString(),
      deadline: new Date(now + 60_000).toISOString(),
      nextAttemptAt: new Date(now + 3_600_000).toISOString(),
      attempts: 0,
      why: 'superseded by a rotation',
    };
    await app.deps.registry.openObligation(owed);
    expect(await settle(app.deps)).toEqual({ adopted: 0, paying: 0, breaches: 0 });
    await app.clock.advance(60_000);
    expect(await settle(app.deps)).toEqual({ adopted: 0, paying: 0, breaches: 1 });
    expect(await settle(app.deps)).toEqual({ adopted: 0, paying: 0, breaches: 0 });
    const [run] = await app.deps.registry.runs({ identityId: policy.id, limit: 10 });
    expect(run).toMatchObject({ kind: 'breach', about: 'run-1', outcome: 'revoke-pending' });
    const check = await verifyStoredRun(app.deps.evidence, run?.runId ?? '');
    if (check.state !== 'verified') throw new Error(JSON.stringify(check.first));
    expect(check.run.map((record) => record.type)).toEqual(['RunOpened', 'Breached', 'RunClosed']);
    expect(check.run[1]).toMatchObject({ deadline: owed.deadline, obligation: 'refusal version-1' });
    expect(await app.deps.registry.openRuns()).toEqual([]);
    expect(await app.deps.registry.obligationsOf(policy.id)).toHaveLength(1);
    await app.stop();
  });
});
