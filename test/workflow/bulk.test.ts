import * as z from 'zod/mini';
import { childRunId } from '../../core/bulk/list';
import { closeBulk } from '../../lambdas/steps/bulk/close';
import { openBulk } from '../../lambdas/steps/bulk/open';
import { newest, storyOf } from '../../lambdas/steps/heads';
import { BULK, bulkScene, closedBulk, counts, revokeAll, untilClosed } from '../support/bulk-scene';
import { quietSteps } from '../support/quiet';

quietSteps();

const dies = () => Promise.reject(new Error('the worker is gone'));
const all = { asked: 60, done: 60, failed: 0, skipped: 0, unknown: 0 };

describe('a bulk revocation', () => {
  it('is green with everybody proven dead, and a second one skips them and says by which run', async () => {
    const given = await bulkScene(60);
    const { app, target, ids } = given;
    expect(await revokeAll(given)).toMatchObject({ status: 'SUCCEEDED' });
    const { census, outcome, level } = await closedBulk(given);
    expect({ outcome, level, ...counts(census) }).toEqual({ outcome: 'verified', level: 'L4', ...all });
    expect(ids.filter((id) => !target.isDead(id))).toEqual([]);
    const again = { select: { kind: 'postgres-role' }, reason: 'once more' };
    const second = await app.passing(app.run('BulkRevocation', 'the-second', again));
    expect(second['status']).toBe('SUCCEEDED');
    expect(JSON.parse(String(second['output']))).toMatchObject({ asked: 60, done: 0, skipped: 60 });
    const [first = ''] = ids;
    expect(await app.deps.registry.runs({ identityId: first, limit: 10 })).toHaveLength(1);
    await app.stop();
  }, 60_000);

  it('gives each revocation the time and the person of the request, and tells who belongs to it', async () => {
    const given = await bulkScene(3);
    await revokeAll(given, { actor: 'responder' });
    const [opened] = await given.app.deps.evidence.read('RUN', BULK);
    const asked = z.object({ requestedAt: z.string() }).parse(JSON.parse(opened?.body ?? '{}'));
    for (const id of given.ids) {
      const [first] = await given.app.deps.evidence.read('RUN', childRunId(BULK, id));
      expect(JSON.parse(first?.body ?? '{}')).toMatchObject({
        trigger: 'bulk',
        about: BULK,
        requestedAt: asked.requestedAt,
        actor: { id: 'responder', assurance: 'claimed' },
      });
    }
    await given.app.stop();
  });

  it('stops before anybody is touched when it is for more than may go without an approval, and nobody agrees', async () => {
    const given = await bulkScene(3);
    Object.assign(given.app.deps, { bulk: { approvalAbove: 2, atOnce: 40 } });
    expect(await revokeAll(given)).toMatchObject({ status: 'FAILED', error: 'NotApproved' });
    const { outcome, census } = await closedBulk(given);
    expect([outcome, census]).toEqual(['not-approved', undefined]);
    expect(given.ids.filter((id) => given.target.isDead(id))).toEqual([]);
    await given.app.stop();
  });

  it('only lists what would die when it is a dry run', async () => {
    const given = await bulkScene(3);
    const answer = await revokeAll(given, { dryRun: true });
    expect(answer['status']).toBe('SUCCEEDED');
    expect(JSON.parse(String(answer['output']))).toMatchObject({ asked: 3, approval: 'never' });
    expect(given.ids.filter((id) => given.target.isDead(id))).toEqual([]);
    expect(await given.app.deps.registry.runs({ limit: 10 })).toEqual([]);
    expect(await given.app.deps.registry.openRuns()).toEqual([]);
    await given.app.stop();
  });

  it('counts nobody twice when its steps are delivered twice, and closes once', async () => {
    const given = await bulkScene(3);
    await revokeAll(given);
    const { deps } = given.app;
    const { run } = await storyOf(deps.evidence, BULK);
    const startTime = newest(run, 'RunOpened')?.requestedAt ?? 'never';
    const execution = { id: 'again', name: BULK, startTime, redriveCount: 0 };
    const input = { select: { owner: 'team-test' }, reason: 'a laptop was lost' };
    const opened = await openBulk(deps, execution, input);
    if (opened.does !== 'revoke') throw new Error('it was no dry run');
    expect(await closeBulk(deps, opened.run, 1)).toMatchObject({ state: 'verified', census: { done: 3 } });
    expect(counts((await closedBulk(given)).census)).toMatchObject({ asked: 3, done: 3 });
    expect(await deps.registry.openRuns()).toEqual([]);
    await given.app.stop();
  });
});

describe('a bulk revocation whose execution is killed', () => {
  it.each([20, 90, 200])(
    'after %i steps is taken over: each identity has one closed run and the count is exact',
    async (kill) => {
      const given = await bulkScene(60);
      const { app, target, ids } = given;
      const executionArn = 'arn:aws:states:us-east-1:111111111111:execution:BulkRevocation:the-bulk';
      given.onInvocation = (count) => {
        if (count === kill) void app.states.handle('StopExecution', { executionArn });
      };
      expect(await revokeAll(given)).toMatchObject({ status: 'ABORTED' });
      await untilClosed(given);
      const { census, outcome } = await closedBulk(given);
      expect({ outcome, ...counts(census) }).toEqual({ outcome: 'verified', ...all });
      expect(ids.filter((id) => !target.isDead(id))).toEqual([]);
      const runs = await app.deps.registry.runs({ limit: 1_000 });
      const revocations = runs.filter(({ kind }) => kind === 'revocation');
      expect(revocations.map(({ identityId }) => identityId).toSorted()).toEqual(ids);
      await app.stop();
    },
    120_000,
  );
});

describe('a bulk revocation that waits for an approval and whose execution is killed', () => {
  it('is closed as not approved by whoever takes it up, and nobody is touched', async () => {
    const given = await bulkScene(3);
    const { deps } = given.app;
    Object.assign(deps, { bulk: { approvalAbove: 2, atOnce: 40 } });
    const executions = { ...deps.executions, status: async () => 'ended' as const };
    Object.assign(deps, { executions });
    const execution = { id: 'dead', name: BULK, startTime: '2026-01-01T00:00:00Z', redriveCount: 0 };
    await openBulk(deps, execution, { select: { owner: 'team-test' }, reason: 'a laptop was lost' });
    await given.app.passing(given.app.settle());
    expect((await closedBulk(given)).outcome).toBe('not-approved');
    expect(await deps.registry.openRuns()).toEqual([]);
    expect(given.ids.filter((id) => given.target.isDead(id))).toEqual([]);
    await given.app.stop();
  });
});

describe('a bulk run of which only the marker is left', () => {
  const left = { runId: 'left', identityId: '*', kind: 'bulk', executionArn: 'dead', adoptions: 0 } as const;
  const openedAt = '2026-01-01T00:00:00Z';

  it('is forgotten by whoever takes it up when it never began', async () => {
    const { app } = await bulkScene(1);
    await app.deps.registry.openRun({ ...left, openedAt });
    const answer = await app.passing(app.run('BulkRevocation', 'r', { resume: left.runId }));
    expect(answer).toMatchObject({ status: 'FAILED', error: 'LeaseHeld' });
    expect(await app.deps.registry.openRuns()).toEqual([]);
    expect(await app.deps.registry.runs({ limit: 10 })).toEqual([]);
    await app.stop();
  });

  it('is in the index as it has closed, when whoever closed it wrote no more than its last record', async () => {
    const given = await bulkScene(1);
    const { deps } = given.app;
    const registry = { ...deps.registry, putSummary: dies };
    expect(await revokeAll(given)).toMatchObject({ status: 'SUCCEEDED' });
    const closed = await closedBulk(given);
    await deps.registry.openRun({ ...left, runId: BULK, openedAt });
    const execution = { id: 'next', name: 'next', startTime: openedAt, redriveCount: 0 };
    const resumed = { resume: BULK };
    await expect(openBulk({ ...deps, registry }, execution, resumed)).rejects.toThrow('the worker is gone');
    expect(await deps.registry.run(BULK)).toBeDefined();
    await expect(openBulk(deps, execution, resumed)).rejects.toMatchObject({ name: 'LeaseHeld' });
    expect(await deps.registry.run(BULK)).toBeUndefined();
    expect(await deps.registry.summary(BULK)).toMatchObject({ outcome: 'verified', closedAt: closed.at });
    await given.app.stop();
  });
});

describe('the input of a bulk revocation', () => {
  it.each([
    { case: 'no selection', input: { reason: 'a reason' }, says: 'select' },
    {
      case: 'two selections',
      input: { select: { owner: 'a', kind: 'b' }, reason: 'a reason' },
      says: 'exactly one of owner, tag, kind and ids',
    },
    { case: 'nobody', input: { select: { owner: 'team-x' }, reason: 'why' }, says: 'there are: team-test' },
    { case: 'an unknown id', input: { select: { ids: ['many-9999'] }, reason: 'why' }, says: 'many-9999' },
    { case: 'an incident without ids', input: { select: { incident: 'INC-1' }, reason: 'why' }, says: 'ids' },
    {
      case: 'a misspelt field',
      input: { select: { ownr: 'a' }, reason: 'why' },
      says: 'is not a known field',
    },
  ])('that says $case is refused in words, and nobody is touched', async ({ input, says }) => {
    const given = await bulkScene(1);
    const answer = await given.app.passing(given.app.run('BulkRevocation', 'wrong', input));
    expect(answer).toMatchObject({ status: 'FAILED', error: 'InvalidInput' });
    expect(answer['cause']).toContain(says);
    expect(answer['cause']).toContain('Nothing was changed and no run was opened');
    expect(await given.app.deps.registry.runs({ limit: 10 })).toEqual([]);
    await given.app.stop();
  });

  it('does not let a revocation pretend to belong to a bulk run', async () => {
    const given = await bulkScene(1);
    const [identityId = ''] = given.ids;
    const input = { identityId, reason: 'a reason', bulk: 'some-bulk' };
    const answer = await given.app.passing(given.app.run('Revocation', 'pretends', input));
    expect(answer).toMatchObject({ status: 'FAILED', error: 'InvalidInput' });
    expect(given.target.isDead(identityId)).toBe(false);
    await given.app.stop();
  });

  it('does not let a person close a run that is no bulk run', async () => {
    const given = await bulkScene(1);
    const [identityId = ''] = given.ids;
    await given.app.deps.registry.openRun({
      runId: 'other',
      identityId,
      kind: 'rotation',
      executionArn: 'alive',
      openedAt: '2026-01-01T00:00:00Z',
      adoptions: 0,
    });
    const answer = await given.app.passing(given.app.run('BulkRevocation', 'r', { resume: 'other' }));
    expect(answer).toMatchObject({ status: 'FAILED', error: 'LeaseHeld' });
    expect(await given.app.deps.registry.run('other')).toMatchObject({ executionArn: 'alive' });
    await given.app.stop();
  });
});
