import { BULK, bulkScene, closedBulk, counts, revokeAll, verdictsOf } from '../support/bulk-scene';
import type { Fate } from '../support/model-target';
import { quietSteps } from '../support/quiet';

quietSteps();

/** Every way to fail in turn for the first ones, then the quick ones, over a share that is spread evenly. */
const failing =
  (percent: number) =>
  (index: number): Fate => {
    if ((index * 37) % 100 >= percent) return 'dies';
    if (index < 80) return (['resists', 'breaks', 'rejects', 'silent'] as const)[index % 4] ?? 'rejects';
    return index % 2 === 0 ? 'rejects' : 'silent';
  };

describe.each([
  { count: 200, percent: 1 },
  { count: 1_000, percent: 37 },
  { count: 200, percent: 99 },
])('$count identities of which $percent % cannot be proven dead', ({ count, percent }) => {
  it('are counted exactly, each with its run, and only the proven ones as done', async () => {
    const given = await bulkScene(count, failing(percent));
    const { app, target, ids } = given;
    const answer = await revokeAll(given);
    const failed = (percent * count) / 100;
    expect(answer).toMatchObject({ status: 'FAILED', error: 'BulkIncomplete' });
    expect(answer['cause']).toContain(`${failed} of ${count} identities`);
    const { census, outcome } = await closedBulk(given);
    expect(outcome).toBe('revoke-pending');
    expect(counts(census)).toEqual({ asked: count, done: count - failed, failed, skipped: 0, unknown: 0 });
    const lines = await verdictsOf(given, census);
    expect(lines.map(({ identityId }) => identityId)).toEqual(ids);
    const wrong: string[] = [];
    for (const { identityId, runId, verdict } of lines) {
      const run = await app.deps.registry.summary(runId ?? '');
      if (run?.identityId !== identityId || run.about !== BULK) wrong.push(`${identityId} has run ${runId}`);
      const expected = target.fateOf(identityId) === 'dies' ? 'done' : 'failed';
      if (verdict !== expected) wrong.push(`${identityId} is ${verdict}, not ${expected}`);
      if (verdict === 'done' && !target.isDead(identityId)) wrong.push(`${identityId} is not dead`);
    }
    expect(wrong).toEqual([]);
    await app.stop();
  }, 240_000);
});
