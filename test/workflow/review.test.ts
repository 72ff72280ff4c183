import { MemoryExecutions } from '../../adapters/memory/executions';
import { MemoryNotices } from '../../adapters/memory/notices';
import { requests } from '../../lambdas/api/requests';
import { oweReview } from '../../lambdas/steps/approve/break-glass';
import { requestOf } from '../../lambdas/steps/approve/requester';
import { openRevocation } from '../../lambdas/steps/open/revocation';
import { settle } from '../../lambdas/steps/settle/run';
import { alice, approvalScene, bob, IDENTITY, session, type ApprovalScene } from '../support/approval-scene';
import { sharedAssembly } from '../support/assembly';
import { quietSteps } from '../support/quiet';

quietSteps();
// Whoever comes first synthesises the app, which takes its time on a busy machine.
beforeAll(async () => void (await sharedAssembly()), 180_000);

const HOUR = 60 * 60_000;
const input = { identityId: IDENTITY, reason: 'seen in a paste' };

let scene: ApprovalScene;
beforeEach(async () => {
  scene = await approvalScene();
});
afterEach(async () => scene.app.stop());

/** Alice asks for a revocation without a second person, and the run that was started owes its review. */
async function brokenGlass(): Promise<string> {
  const executions = new MemoryExecutions();
  const call = {
    method: 'POST',
    path: ['revocations'],
    principal: alice,
    body: JSON.stringify({ ...input, breakGlass: true }),
  };
  await requests({ ...scene.app.deps, executions }, call);
  const [started] = executions.all();
  if (!started) throw new Error('no revocation was started');
  expect(started).toMatchObject({ machine: 'Revocation', input });
  const by = await requestOf(scene.app.deps, 'revocation', started.name, started.input);
  expect(by).toEqual({
    actor: { type: 'breakGlass', id: 'AROAREQUESTER:alice', assurance: 'verified' },
    breakGlass: 'asked',
  });
  if (!by) throw new Error('the request was not found');
  const { registry, now } = scene.app.deps;
  await registry.putSummary({
    runId: started.name,
    kind: 'revocation',
    identityId: IDENTITY,
    owner: 'team-test',
    actor: by.actor.id,
    controls: [],
    glass: 'broken',
    about: undefined,
    openedAt: new Date(now()).toISOString(),
    closedAt: undefined,
    outcome: 'open',
    level: undefined,
    cause: undefined,
  });
  await oweReview(scene.app.deps, { runId: started.name, identityId: IDENTITY, actor: by.actor });
  return started.name;
}

const owed = async () => scene.app.deps.registry.obligationsOf(IDENTITY);
const body = { verdict: 'justified', note: 'the paste was public' };

describe('a broken glass', () => {
  it('belongs to the machine and the input it was asked for, and to no other execution of its name', async () => {
    const runId = await brokenGlass();
    const { deps } = scene.app;
    expect(await requestOf(deps, 'rotation', runId, input)).toBeUndefined();
    expect(await requestOf(deps, 'revocation', runId, { ...input, reissue: true })).toBeUndefined();
    expect(await requestOf(deps, 'revocation', 'another', input)).toBeUndefined();
  });

  it('is told to a person by the run that goes on without one, and is counted for its alarm', async () => {
    const runId = await brokenGlass();
    const notices = new MemoryNotices();
    const execution = {
      id: 'arn:of:it',
      name: runId,
      startTime: '2026-01-01T00:00:00.000Z',
      redriveCount: 0,
    };
    const run = await openRevocation({ ...scene.app.deps, notices }, execution, input);
    expect(run).toMatchObject({ approval: 'never', actor: { type: 'breakGlass' } });
    const found = await scene.app.deps.registry.runs({
      glass: 'broken',
      actor: 'AROAREQUESTER:alice',
      limit: 10,
    });
    expect(found.map((each) => each.runId)).toContain(runId);
    const broken = notices.sent.filter(({ data }) => data.state === 'glass.broken');
    expect(broken).toMatchObject([{ id: `${runId}/glass.broken`, data: { needs: 'person' } }]);
    const lines = jest.mocked(console.log).mock.calls.map(([line]) => String(line));
    expect(lines.filter((line) => line.includes('"BreakGlassUsed":1'))).toHaveLength(1);
  });

  it('is paid by the review of another person, once, as a run of its own', async () => {
    const runId = await brokenGlass();
    const answer = await scene.call('decisions', bob, 'POST', `/reviews/${runId}`, body);
    expect(answer).toMatchObject({ status: 200, body: { about: runId, verdict: 'justified' } });
    expect(await owed()).toEqual([]);
    expect(await scene.about(runId)).toMatchObject([{ kind: 'review', outcome: 'recorded' }]);
    expect((await scene.records(String(answer.body['runId'])))[1]).toMatchObject({
      type: 'ApprovalDecided',
      decision: 'reviewed',
      requester: { type: 'breakGlass', id: 'AROAREQUESTER:alice' },
      approver: { id: 'AROAAPPROVER:bob' },
      cause: 'justified: the paste was public',
    });
    expect(await scene.call('decisions', bob, 'POST', `/reviews/${runId}`, body)).toMatchObject({
      status: 404,
    });
  });

  it.each([
    { who: 'the person who broke it', by: session('AROAAPPROVER', 'alice'), error: 'SelfApproval' },
    { who: 'the role that broke it', by: session('AROAREQUESTER', 'bob'), error: 'RoleNotDisjoint' },
  ])('is not reviewed by $who: refused, recorded, still owed', async ({ by, error }) => {
    const runId = await brokenGlass();
    expect(await scene.call('decisions', by, 'POST', `/reviews/${runId}`, body)).toMatchObject({
      status: 403,
      body: { error },
    });
    expect(await scene.about(runId)).toMatchObject([{ kind: 'approval', outcome: 'refused' }]);
    expect(await owed()).toMatchObject([{ type: 'review', versionId: runId }]);
  });

  it('stays owed after its 24 hours: Settle does not try to pay it and records the breach once', async () => {
    const runId = await brokenGlass();
    const [review] = await owed();
    await scene.app.clock.advance(24 * HOUR);
    expect(await settle(scene.app.deps)).toEqual({
      adopted: 0,
      paying: 0,
      breaches: 1,
      overdue: 1,
      unclosed: 0,
      delivered: 0,
      waiting: 0,
    });
    expect(await settle(scene.app.deps)).toEqual({
      adopted: 0,
      paying: 0,
      breaches: 0,
      overdue: 1,
      unclosed: 0,
      delivered: 0,
      waiting: 0,
    });
    expect(await owed()).toEqual([review]);
    const [breach] = await scene.about(runId);
    expect(breach).toMatchObject({ kind: 'breach', outcome: 'recorded' });
    expect((await scene.records(breach?.runId ?? ''))[1]).toMatchObject({
      type: 'Breached',
      obligation: `review ${runId}`,
      deadline: review?.deadline,
    });
    expect(await scene.call('decisions', bob, 'POST', `/reviews/${runId}`, body)).toMatchObject({
      status: 200,
    });
    expect(await owed()).toEqual([]);
  });
});
