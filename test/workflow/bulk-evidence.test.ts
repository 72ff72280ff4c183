import { childRunId } from '../../core/bulk/list';
import { BULK, bulkScene, closedBulk, counts, revokeAll, verdictsOf } from '../support/bulk-scene';
import { quietSteps } from '../support/quiet';

quietSteps();

it('nobody is counted as done by a row that says verified when the records of the run do not', async () => {
  const given = await bulkScene(3, (index) => (index === 0 ? 'resists' : 'dies'));
  const { app, ids } = given;
  const { registry } = app.deps;
  const [alive = ''] = ids;
  const summary = async (runId: string) => {
    const found = await registry.summary(runId);
    return found && runId === childRunId(BULK, alive) ? { ...found, outcome: 'verified' as const } : found;
  };
  Object.assign(app.deps, { registry: { ...registry, summary } });
  expect(await revokeAll(given)).toMatchObject({ status: 'FAILED', error: 'BulkIncomplete' });
  const { census, outcome } = await closedBulk(given);
  expect({ outcome, ...counts(census) }).toEqual({
    outcome: 'inconclusive',
    asked: 3,
    done: 2,
    failed: 0,
    skipped: 0,
    unknown: 1,
  });
  const verdicts = await verdictsOf(given, census);
  expect(verdicts.find(({ identityId }) => identityId === alive)?.why).toBe(
    'its row says verified and its records do not: it ended revoke-pending',
  );
  await app.stop();
}, 60_000);

it('nobody is left out because a row says that it is revoked when no record says so', async () => {
  const given = await bulkScene(3);
  const { app, ids, target } = given;
  const [id = ''] = ids;
  const fence = (await app.deps.registry.identity(id))?.fence ?? 0;
  await app.deps.registry.setRevoked(id, fence, { runId: 'no-such-run', at: '2026-01-01T00:00:00Z' });
  expect(await revokeAll(given)).toMatchObject({ status: 'SUCCEEDED' });
  expect(counts((await closedBulk(given)).census)).toMatchObject({ asked: 3, done: 3, skipped: 0 });
  expect(ids.filter((each) => !target.isDead(each))).toEqual([]);
  await app.stop();
}, 60_000);
