import { approvalIdOf } from '../../core/approval/request';
import { alice, approvalScene, bob, type ApprovalScene } from '../support/approval-scene';
import { sharedAssembly } from '../support/assembly';
import { quietSteps } from '../support/quiet';

quietSteps();
// Whoever comes first synthesises the app, which takes its time on a busy machine.
beforeAll(async () => void (await sharedAssembly()), 180_000);

const RUN = 'the-run';
const MINUTE = 60_000;

let scene: ApprovalScene;
afterEach(async () => scene.app.stop());

async function approve(runId: string) {
  const { approvalId, requestSha256 } = await scene.waiting(runId);
  return scene.call('decisions', bob, 'POST', `/approvals/${approvalId}/approve`, { requestSha256 });
}

describe('the state after the wait believes the stored decision alone', () => {
  it('and not a task success that somebody else sent', async () => {
    scene = await approvalScene();
    await scene.start(RUN);
    const { taskToken, approvalId } = await scene.waiting(RUN);
    const output = JSON.stringify({ decision: 'approved' });
    await scene.app.states.handle('SendTaskSuccess', { taskToken, output });
    expect(await scene.ended(RUN)).toMatchObject({ status: 'FAILED', error: 'NotApproved' });
    expect((await scene.records(approvalId))[1]).toMatchObject({ decision: 'expired', approver: null });
    expect((await scene.records(RUN)).map(({ type }) => type)).toEqual(['RunOpened', 'RunClosed']);
  });

  it('and lets the run go on when only the message was lost', async () => {
    scene = await approvalScene({ wakes: 'lost' });
    await scene.start(RUN);
    expect(await approve(RUN)).toMatchObject({ status: 200 });
    await scene.app.clock.advance(15 * MINUTE);
    await scene.ended(RUN);
    expect((await scene.records(RUN))[1]).toMatchObject({ type: 'ApprovalDecided', decision: 'approved' });
  });

  it('and no approval of another request that stands in its place', async () => {
    scene = await approvalScene();
    const approvalId = approvalIdOf(RUN);
    await scene.app.deps.registry.putApproval({
      approvalId,
      runId: RUN,
      identityId: 'orders-db',
      kind: 'rotation',
      request: '{"v":1}',
      requestSha256: 'f'.repeat(64),
      requester: { actor: { type: 'person', id: 'alice', assurance: 'claimed' }, principal: undefined },
      taskToken: 'planted',
      requestedAt: new Date(scene.app.clock.now()).toISOString(),
      expiresAt: new Date(scene.app.clock.now() + 15 * MINUTE).toISOString(),
      decision: undefined,
    });
    await scene.start(RUN);
    expect(await approve(RUN)).toMatchObject({ status: 200 });
    const ended = await scene.ended(RUN);
    expect(ended).toMatchObject({ error: 'NotApproved' });
    expect(ended['cause']).toContain('is not what this run was opened for');
  });
});

describe('an execution that is stopped while it waits', () => {
  it('leaves nothing open: Settle closes the run, and its approval as denied, once each', async () => {
    scene = await approvalScene();
    await scene.start(RUN);
    const { approvalId } = await scene.waiting(RUN);
    const executionArn = `arn:aws:states:us-east-1:111111111111:execution:Rotation:${RUN}`;
    await scene.app.states.handle('StopExecution', { executionArn });
    // A worker it had could go on until then.
    await scene.app.clock.advance(MINUTE);
    await scene.app.passing(scene.app.settle());
    await scene.app.passing(scene.app.settle());
    expect(await scene.app.deps.registry.openRuns()).toEqual([]);
    for (const id of [RUN, approvalId]) {
      const records = await scene.records(id);
      expect(records.filter(({ type }) => type === 'RunClosed')).toHaveLength(1);
    }
    expect((await scene.records(approvalId))[1]).toMatchObject({ decision: 'expired' });
    expect((await scene.app.deps.registry.identity('orders-db'))?.lease).toBeUndefined();
  });
});

describe('who asked', () => {
  const input = { identityId: 'orders-db', reason: 'a test' };

  it('is verified when the run was started through the API', async () => {
    scene = await approvalScene();
    const { runId } = (await scene.call('requests', alice, 'POST', '/rotations', input)).body;
    const approval = await scene.waiting(String(runId));
    const requester = { type: 'person', id: 'AROAREQUESTER:alice', assurance: 'verified' };
    expect(approval.requester).toEqual({ actor: requester, principal: alice });
    expect((await scene.records(String(runId)))[0]).toMatchObject({ actor: requester, reason: 'a test' });
  });

  it('is only claimed when the execution was started without it, or with another input than was asked for', async () => {
    scene = await approvalScene();
    const { registry } = scene.app.deps;
    await registry.putStartRequest({
      executionName: 'asked-for',
      kind: 'rotation',
      principal: alice,
      inputSha256: '0'.repeat(64),
      requestedAt: new Date(scene.app.clock.now()).toISOString(),
      breakGlass: 'no',
    });
    await scene.start('asked-for', { reason: 'something else', actor: 'carol' });
    expect((await scene.waiting('asked-for')).requester).toEqual({
      actor: { type: 'person', id: 'carol', assurance: 'claimed' },
      principal: undefined,
    });
  });

  it.each([
    { path: '/rotations', body: { ...input, breakGlass: true }, error: 'InvalidInput' },
    { path: '/rotations', body: { ...input, identityId: 'no-such-db' }, error: 'UnknownIdentity' },
    { path: '/approvals', body: input, error: 'MethodRefused' },
  ])('gets no run by $path with $error', async ({ path, body, error }) => {
    scene = await approvalScene();
    expect((await scene.call('requests', alice, 'POST', path, body)).body).toMatchObject({ error });
    expect(await scene.app.deps.registry.openRuns()).toEqual([]);
  });
});
