import { recordLine } from '../../apps/cli/output/record-lines';
import { Terminal } from '../../apps/cli/output/terminal';
import { confirmationIdOf, confirmedFor } from '../../core/approval/confirmed';
import { confirm } from '../../lambdas/steps/confirm/run';
import { alice, approvalScene, bob, session, type ApprovalScene } from '../support/approval-scene';
import { sharedAssembly } from '../support/assembly';
import { sessionOf, startLogged, type Started } from '../support/cloud-trail';
import { quietSteps } from '../support/quiet';

quietSteps();
// Whoever comes first synthesises the app, which takes its time on a busy machine.
beforeAll(async () => void (await sharedAssembly()), 180_000);

const RUN = 'the-run';
const MINUTE = 60_000;
const ARN = 'arn:aws:states:us-east-1:111111111111';
const EXECUTION = `${ARN}:execution:Rotation:${RUN}`;
const machines = {
  rotation: `${ARN}:stateMachine:Rotation`,
  revocation: `${ARN}:stateMachine:Revocation`,
  bulk: `${ARN}:stateMachine:BulkRevocation`,
};
const input = { identityId: 'orders-db', reason: 'a test', actor: 'carol' };
const carol = sessionOf('AROACONSOLE', 'carol');

let scene: ApprovalScene;
beforeEach(async () => {
  scene = await approvalScene();
});
afterEach(async () => scene.app.stop());

/** Starts the run as from a console, and waits until it asks for an approval. */
async function startedByHand() {
  const at = scene.app.clock.now();
  await scene.start(RUN, { reason: input.reason, actor: input.actor });
  const approval = await scene.waiting(RUN);
  const logged: Started = { executionArn: EXECUTION, at, by: carol, input };
  return { approval, logged };
}

async function heard(logged: Started, eventId?: string) {
  return confirm({ ...scene.app.deps, machines }, startLogged(logged, eventId));
}

async function approve(by: typeof bob) {
  const { approvalId, requestSha256 } = await scene.waiting(RUN);
  return scene.call('decisions', by, 'POST', `/approvals/${approvalId}/approve`, { requestSha256 });
}

describe('who started an execution in the console', () => {
  it('is confirmed by a run of its own about it, with the event of the log; the run itself stays as it is', async () => {
    const { logged } = await startedByHand();
    const before = await scene.records(RUN);
    expect(await heard(logged)).toEqual({ state: 'confirmed', about: RUN });
    expect(await heard(logged)).toEqual({ state: 'known', about: RUN });
    expect(await scene.records(RUN)).toEqual(before);
    expect(before[0]).toMatchObject({ actor: { id: 'carol', assurance: 'claimed' } });
    const requester = { type: 'person', id: 'AROACONSOLE:carol', assurance: 'verified' };
    const runId = confirmationIdOf(RUN, 1);
    expect(await scene.records(runId)).toMatchObject([
      { type: 'RunOpened', kind: 'confirmation', about: RUN, actor: requester },
      {
        type: 'RequesterConfirmed',
        requester,
        claimed: { id: 'carol', assurance: 'claimed' },
        principalArn: carol.arn,
        executionArn: EXECUTION,
        eventId: 'event-1',
        inputSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      {
        type: 'RunClosed',
        outcome: 'recorded',
        cause: expect.stringContaining('confirmed by API log event-1'),
      },
    ]);
    expect(await scene.app.deps.registry.runs({ actor: 'AROACONSOLE:carol', limit: 5 })).toMatchObject([
      { runId, kind: 'confirmation', about: RUN },
    ]);
    expect((await scene.app.deps.registry.openRuns()).map((open) => open.runId)).not.toContain(runId);
  });

  it('is told in one line: who it was, by which event, and whom the run claimed', async () => {
    const { logged } = await startedByHand();
    await heard(logged);
    const [, confirmed] = await scene.records(confirmationIdOf(RUN, 1));
    if (!confirmed) throw new Error('nothing was confirmed');
    const terminal = new Terminal({ format: 'text', messages: 'quiet' }, process, { NO_COLOR: '1' });
    expect(recordLine(terminal, confirmed)).toContain(
      `started by AROACONSOLE:carol; ${carol.arn}; confirmed by API log event-1; claimed carol`,
    );
  });

  it('is confirmed after the run has closed, too, and where the log hides the input', async () => {
    const { logged, approval } = await startedByHand();
    const body = { requestSha256: approval.requestSha256, reason: 'not on a Friday' };
    await scene.call('decisions', bob, 'POST', `/approvals/${approval.approvalId}/deny`, body);
    await scene.ended(RUN);
    expect(await heard({ ...logged, input: 'hidden' })).toMatchObject({ state: 'confirmed' });
    expect(await confirmedFor(scene.app.deps.evidence, RUN)).toMatchObject([{ inputSha256: null }]);
  });

  it('may be two, when somebody repeated the start: both are on record, each once', async () => {
    const { logged } = await startedByHand();
    const dave = { type: 'IAMUser', principalId: 'AIDADAVE', arn: 'arn:aws:iam::1:user/dave' } as const;
    await Promise.all([heard(logged), heard({ ...logged, by: dave }, 'event-2'), heard(logged)]);
    const found = await confirmedFor(scene.app.deps.evidence, RUN);
    expect(found.map(({ requester }) => requester.id).toSorted()).toEqual([
      'AIDADAVE:dave',
      'AROACONSOLE:carol',
    ]);
  });
});

describe('an event that is not the start of this run confirms nobody', () => {
  it.each([
    { what: 'an execution of another machine', change: { executionArn: `${ARN}:execution:Sweep:${RUN}` } },
    {
      what: 'an execution of that name in another account',
      change: { executionArn: EXECUTION.replace('1111', '2222') },
    },
    {
      what: 'the run’s name on a machine of another kind',
      change: { executionArn: `${ARN}:execution:Revocation:${RUN}` },
    },
    { what: 'another identity in its input', change: { input: { ...input, identityId: 'other-db' } } },
    { what: 'another reason in its input', change: { input: { ...input, reason: 'because' } } },
  ])('$what', async ({ change }) => {
    const { logged } = await startedByHand();
    expect(await heard({ ...logged, ...change })).toMatchObject({ state: 'nothing' });
    expect(await scene.about(RUN)).toMatchObject([{ kind: 'approval' }]);
  });

  it('a name that was used again later, a call that was refused, and what is no such event', async () => {
    const { logged } = await startedByHand();
    expect(await heard({ ...logged, at: logged.at + 2 * MINUTE })).toMatchObject({ state: 'nothing' });
    const event = startLogged(logged);
    const refused = {
      ...event,
      detail: { ...event.detail, errorCode: 'AccessDenied', responseElements: null },
    };
    for (const other of [refused, { ...event, source: 'gapless' }, {}])
      expect(await confirm({ ...scene.app.deps, machines }, other)).toMatchObject({ state: 'nothing' });
    expect(await scene.about(RUN)).toMatchObject([{ kind: 'approval' }]);
  });

  it('a run whose requester was verified when it was asked for', async () => {
    const body = { identityId: 'orders-db', reason: 'a test' };
    const at = scene.app.clock.now();
    const runId = String((await scene.call('requests', alice, 'POST', '/rotations', body)).body['runId']);
    await scene.waiting(runId);
    const executionArn = `${ARN}:execution:Rotation:${runId}`;
    expect(await heard({ executionArn, at, by: carol, input: body })).toMatchObject({
      state: 'nothing',
      why: expect.stringContaining('verified'),
    });
  });

  it('an execution that has not opened its run yet is heard again; one that never does is left', async () => {
    const at = scene.app.clock.now();
    const logged: Started = { executionArn: `${ARN}:execution:Rotation:later`, at, by: carol, input };
    await expect(heard(logged)).rejects.toThrow(/not opened yet/);
    await scene.app.clock.advance(11 * MINUTE);
    expect(await heard(logged)).toMatchObject({ state: 'nothing', about: 'later' });
  });
});

describe('the approval of a run that was started in the console', () => {
  it('is refused to whomever the log names, though the input named somebody else', async () => {
    const { logged, approval } = await startedByHand();
    await heard({ ...logged, by: sessionOf('AROACONSOLE', bob.sessionName) });
    expect(await approve(bob)).toMatchObject({ status: 403, body: { error: 'SelfApproval' } });
    expect((await scene.about(approval.approvalId))[0]).toMatchObject({ outcome: 'refused' });
    expect(await approve(session(bob.roleId, 'erin'))).toMatchObject({ status: 200 });
  });

  it('is refused to the role that started it, and to the name that was claimed, as before', async () => {
    const { logged } = await startedByHand();
    await heard({ ...logged, by: sessionOf(bob.roleId, 'mallory') });
    expect(await approve(bob)).toMatchObject({ body: { error: 'RoleNotDisjoint' } });
    expect(await approve(session('AROAOTHER', 'carol'))).toMatchObject({ body: { error: 'SelfApproval' } });
    expect(await approve(session('AROAOTHER', 'erin'))).toMatchObject({ status: 200 });
  });
});
