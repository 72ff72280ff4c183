import { MemoryNotices } from '../../adapters/memory/notices';
import { brokenGlassNotice, approvalNotice } from '../../core/notice/of-person';
import type { Executions } from '../../core/ports/executions';
import { enrol } from '../../lambdas/steps/sweep/enrol';
import { notify } from '../../lambdas/steps/notify';
import { settle } from '../../lambdas/steps/settle/run';
import { BULK, bulkScene, revokeAll } from '../support/bulk-scene';
import { memoryApp } from '../support/memory-app';
import { unreachedPolicy } from '../support/unreached-policy';

const lines: string[] = [];
beforeAll(() => void jest.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line)));
beforeEach(() => void lines.splice(0));
afterAll(() => jest.restoreAllMocks());

function noticesOf({ deps }: Pick<Awaited<ReturnType<typeof memoryApp>>, 'deps'>) {
  if (deps.notices instanceof MemoryNotices) return deps.notices.sent;
  throw new Error('this app tells somebody else');
}

const person = {
  runId: 'run-1',
  ledgerId: 'gapless/test',
  kind: 'revocation',
  identityId: 'orders-db',
  owner: 'payments',
  deadline: null,
  at: '2026-11-25T10:00:00.000Z',
};

describe('a revocation', () => {
  it('is told as it opens, and at its close each state with the time at which it was so', async () => {
    const { app, ids } = await bulkScene(1);
    const [identityId = ''] = ids;
    await app.passing(app.run('Revocation', 'emergency', { identityId, reason: 'a key was found' }));
    const sent = noticesOf(app);
    expect(sent.map(({ id, type, data }) => [id, type, data.needs])).toEqual([
      ['emergency/revocation.opened', 'gapless.revocation.opened.v1', 'person'],
      ['emergency/revocation.contained', 'gapless.revocation.contained.v1', 'none'],
      ['emergency/revocation.refused', 'gapless.revocation.refused.v1', 'none'],
      ['emergency/run.closed', 'gapless.run.closed.v1', 'none'],
    ]);
    expect(sent.map(({ time }) => time)).toEqual(sent.map(({ time }) => time).toSorted());
    expect(sent[3]).toMatchObject({
      specversion: '1.0',
      source: 'urn:gapless:gapless/test',
      subject: identityId,
      data: { runId: 'emergency', outcome: 'verified', level: 'L4', chat: null },
    });
    expect(JSON.stringify(sent)).not.toContain(`of ${identityId}`);
    await app.stop();
  });

  it('calls a person when it stays owed', async () => {
    const { app, ids } = await bulkScene(1, () => 'silent');
    const [identityId = ''] = ids;
    await app.passing(app.run('Revocation', 'emergency', { identityId, reason: 'a key was found' }));
    expect(noticesOf(app)).toContainEqual(
      expect.objectContaining({
        type: 'gapless.run.pending.v1',
        data: expect.objectContaining({
          needs: 'person',
          chat: expect.objectContaining({
            version: '1.0',
            source: 'custom',
            content: expect.objectContaining({
              title: `${identityId}: a credential is not proven refused yet`,
            }),
          }),
        }),
      }),
    );
    await app.stop();
  });

  it('goes on when nobody can be told, and says so in the log', async () => {
    const { app, ids, target } = await bulkScene(1);
    const [identityId = ''] = ids;
    Object.assign(app.deps, { notices: { send: async () => Promise.reject(new Error('secret text')) } });
    const answer = await app.passing(
      app.run('Revocation', 'untold', { identityId, reason: 'a key was found' }),
    );
    expect(answer['status']).toBe('SUCCEEDED');
    expect(target.isDead(identityId)).toBe(true);
    expect(lines.filter((line) => line.includes('NotTold'))).toHaveLength(2);
    expect(lines.join('')).not.toContain('secret text');
    await app.stop();
  });
});

describe('a bulk revocation', () => {
  it('calls a person as it begins and when somebody is not proven dead, not once for each', async () => {
    const given = await bulkScene(20, (index) => (index % 2 === 0 ? 'silent' : 'dies'));
    await revokeAll(given);
    const calls = noticesOf(given.app).filter(({ data }) => data.needs === 'person');
    expect(calls.map(({ id }) => id)).toEqual([`${BULK}/bulk.opened`, `${BULK}/bulk.closed`]);
    expect(calls[1]?.data.chat?.content.title).toBe('Bulk revocation: 10 of 20 are not proven refused');
    await given.app.stop();
  });
});

describe('what only a person can do', () => {
  it('is asked for with the commands that do it', () => {
    const asked = approvalNotice(person, 'approval-7', 'A key was found.');
    expect(asked).toMatchObject({ id: 'run-1/approval.requested', data: { needs: 'person' } });
    expect(asked.data.chat?.content.nextSteps[0]).toContain('gapless approve approval-7');
  });

  it('left out, is measured for its alarm also when nobody can be told', async () => {
    const notices = { send: async () => Promise.reject(new Error('no bus')) };
    await notify({ notices, now: () => 1_000 }, [brokenGlassNotice(person, 'alice')]);
    expect(lines[0]).toContain('"BreakGlassUsed":1');
  });
});

describe('a look of Settle', () => {
  it('measures what is overdue and tells the broken deadline, once', async () => {
    const app = await memoryApp([unreachedPolicy('orders-db')]);
    await enrol(app.deps);
    const now = app.clock.now();
    const at = (ms: number) => new Date(now + ms).toISOString();
    await app.deps.registry.openObligation({
      identityId: 'orders-db',
      versionId: 'version-1',
      remoteId: 'orders_app',
      type: 'refusal',
      by: 'revocation',
      runId: 'run-1',
      openedAt: at(0),
      deadline: at(60_000),
      nextAttemptAt: at(3_600_000),
      attempts: 0,
      why: 'revoked',
    });
    await settle(app.deps);
    expect(lines.at(-1)).toContain('"ObligationsOverdue":0');
    await app.clock.advance(60_000);
    await settle(app.deps);
    await settle(app.deps);
    expect(lines.at(-1)).toContain('"ObligationsOverdue":1');
    const broken = noticesOf(app).filter(({ data }) => data.state === 'deadline.broken');
    expect(broken).toMatchObject([{ time: at(60_000), subject: 'orders-db', data: { needs: 'person' } }]);
    await app.stop();
  });

  it('counts a run that is open for longer than its machine and Settle can take', async () => {
    const app = await memoryApp([unreachedPolicy('orders-db')]);
    await enrol(app.deps);
    const marker = {
      runId: 'stuck',
      identityId: 'orders-db',
      kind: 'revocation',
      executionArn: 'none',
      openedAt: new Date(app.clock.now()).toISOString(),
      adoptions: 0,
    } as const;
    await app.deps.registry.openRun(marker);
    const executions: Executions = {
      start: async () => 'started',
      status: async () => 'running',
    };
    const deps = { ...app.deps, executions };
    await app.clock.advance(4 * 3_600_000 - 60_000);
    expect(await settle(deps)).toMatchObject({ unclosed: 0 });
    await app.clock.advance(120_000);
    expect(await settle(deps)).toMatchObject({ unclosed: 1 });
    expect(lines.at(-1)).toContain('"RunsNotClosed":1');
    await app.stop();
  });
});
