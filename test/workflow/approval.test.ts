import type { Principal } from '../../core/approval/principal';
import type { Approval } from '../../core/ports/approvals';
import { alice, approvalScene, bob, IDENTITY, session, type ApprovalScene } from '../support/approval-scene';
import { sharedAssembly } from '../support/assembly';
import { quietSteps } from '../support/quiet';

quietSteps();
// Whoever comes first synthesises the app, which takes its time on a busy machine.
beforeAll(async () => void (await sharedAssembly()), 180_000);

const RUN = 'the-run';
const MINUTE = 60_000;

let scene: ApprovalScene;
beforeEach(async () => {
  scene = await approvalScene();
});
afterEach(async () => scene.app.stop());

const at = ({ approvalId }: Approval, verb = '') =>
  `/approvals/${approvalId}${verb === '' ? '' : `/${verb}`}`;
const hashOf = ({ requestSha256 }: Approval) => ({ requestSha256 });
const types = (records: readonly { readonly type: string }[]) => records.map(({ type }) => type);

async function approve(approval: Approval, by: Principal = bob) {
  return scene.call('decisions', by, 'POST', at(approval, 'approve'), hashOf(approval));
}

describe('a rotation whose policy asks for an approval', () => {
  it('goes on once another person has approved it, and both runs say who', async () => {
    await scene.start(RUN);
    const approval = await scene.waiting(RUN);
    expect(await approve(approval)).toMatchObject({
      status: 200,
      body: { decision: { verdict: 'approved' } },
    });
    // Nothing listens at the target, so it fails later, and with something else.
    expect(await scene.ended(RUN)).toMatchObject({ status: 'FAILED' });
    const decided = {
      type: 'ApprovalDecided',
      decision: 'approved',
      approver: { type: 'person', id: 'AROAAPPROVER:bob', assurance: 'verified' },
      requestSha256: approval.requestSha256,
    };
    expect((await scene.records(RUN)).slice(0, 2)).toMatchObject([{ type: 'RunOpened' }, decided]);
    expect((await scene.records(RUN)).at(-1)).toMatchObject({ type: 'RunClosed', outcome: 'refused' });
    expect(await scene.records(approval.approvalId)).toMatchObject([
      { type: 'RunOpened', kind: 'approval', about: RUN },
      decided,
      { type: 'RunClosed', outcome: 'recorded', level: 'L0' },
    ]);
    expect(await scene.app.deps.registry.openRuns()).toEqual([]);
  });

  it('changes nothing when it is denied, and says by whom and why', async () => {
    await scene.start(RUN);
    const approval = await scene.waiting(RUN);
    const body = { ...hashOf(approval), reason: 'not on a Friday' };
    expect(await scene.call('decisions', bob, 'POST', at(approval, 'deny'), body)).toMatchObject({
      status: 200,
    });
    const ended = await scene.ended(RUN);
    expect(ended).toMatchObject({ status: 'FAILED', error: 'NotApproved' });
    expect(ended['cause']).toMatch(/denied by AROAAPPROVER:bob: not on a Friday.*Nothing was changed/);
    const records = await scene.records(RUN);
    expect(types(records)).toEqual(['RunOpened', 'RunClosed']);
    expect(records.at(-1)).toMatchObject({ outcome: 'not-approved', causeCode: 'NotApproved' });
    expect((await scene.records(approval.approvalId)).at(-1)).toMatchObject({ outcome: 'not-approved' });
  });

  it('is denied when nobody decides within fifteen minutes', async () => {
    await scene.start(RUN);
    const approval = await scene.waiting(RUN);
    await scene.app.clock.advance(15 * MINUTE);
    expect(await scene.ended(RUN)).toMatchObject({ error: 'NotApproved' });
    expect((await scene.records(approval.approvalId)).slice(1)).toMatchObject([
      { type: 'ApprovalDecided', decision: 'expired', approver: null },
      { type: 'RunClosed', outcome: 'not-approved' },
    ]);
    expect(await approve(approval)).toMatchObject({ status: 409, body: { error: 'AlreadyDecided' } });
  });

  it.each([
    { wish: { reissue: true }, afterwards: 'reissue' },
    { wish: {}, afterwards: 'nothing' },
  ])('tells its approver what comes afterwards: $afterwards', async ({ wish, afterwards }) => {
    const input = { identityId: 'orders-db', reason: 'a test', ...wish };
    const { runId } = (await scene.call('requests', alice, 'POST', '/revocations', input)).body;
    const { request } = await scene.waiting(String(runId));
    expect(JSON.parse(request)).toMatchObject({ trigger: 'emergency', about: null, afterwards });
  });

  it('shows what waits, and to nobody the token', async () => {
    await scene.start(RUN);
    const approval = await scene.waiting(RUN);
    const listed = await scene.call('decisions', bob, 'GET', '/approvals');
    expect(listed.body).toMatchObject({ approvals: [{ approvalId: approval.approvalId, decision: null }] });
    const shown = await scene.call('decisions', bob, 'GET', at(approval));
    expect(shown.body).toMatchObject({ request: approval.request, requestSha256: approval.requestSha256 });
    await approve(approval);
    await scene.ended(RUN);
    const everything = JSON.stringify([
      listed,
      shown,
      await scene.records(RUN),
      await scene.records(approval.approvalId),
      jest.mocked(console.log).mock.calls,
    ]);
    expect(everything).toContain(approval.approvalId);
    expect(everything).not.toContain(approval.taskToken);
  });
});

type Asked = readonly [method: string, path: string, body?: object];
const approving = (approval: Approval): Asked => ['POST', at(approval, 'approve'), hashOf(approval)];

describe('an attempt to decide', () => {
  it.each([
    {
      attempt: 'by the person who asked, in another role and spelling',
      by: session('AROAAPPROVER', 'Alice'),
      asks: approving,
      status: 403,
      error: 'SelfApproval',
    },
    {
      attempt: 'by the role that asked, as another person',
      by: session(alice.roleId, 'mallory'),
      asks: approving,
      status: 403,
      error: 'RoleNotDisjoint',
    },
    {
      attempt: 'of a request that was edited',
      by: bob,
      asks: (approval: Approval): Asked => [
        'POST',
        at(approval, 'approve'),
        { requestSha256: '0'.repeat(64) },
      ],
      status: 409,
      error: 'RequestEdited',
    },
    {
      attempt: 'by opening the link',
      by: bob,
      asks: (approval: Approval): Asked => ['GET', at(approval, 'approve')],
      status: 405,
      error: 'MethodRefused',
    },
  ])(
    '$attempt is refused with $error, recorded once, and decides nothing',
    async ({ by, asks, status, error }) => {
      const input = { identityId: 'orders-db', reason: 'a test' };
      const { runId } = (await scene.call('requests', alice, 'POST', '/rotations', input)).body;
      const approval = await scene.waiting(String(runId));
      for (const time of ['first', 'again']) {
        const answer = await scene.call('decisions', by, ...asks(approval));
        expect({ time, ...answer }).toMatchObject({ time, status, body: { error } });
        expect(String(answer.body['message'])).toMatch(/Nothing was changed\.$/);
      }
      const [attempt, ...more] = await scene.about(approval.approvalId);
      expect(more).toEqual([]);
      expect(attempt).toMatchObject({ kind: 'approval', outcome: 'refused' });
      expect(await scene.records(attempt?.runId ?? '')).toMatchObject([
        { type: 'RunOpened', about: approval.approvalId },
        { type: 'ApprovalDecided', decision: 'refused', approver: { id: `${by.roleId}:${by.sessionName}` } },
        { type: 'RunClosed', outcome: 'refused', causeCode: error },
      ]);
      expect((await scene.waiting(String(runId))).decision).toBeUndefined();
    },
  );

  it('by the person an input named is refused, though nobody verified that name', async () => {
    await scene.start(RUN, { reason: 'a test', actor: 'bob' });
    expect(await approve(await scene.waiting(RUN))).toMatchObject({ body: { error: 'SelfApproval' } });
  });

  it('by the person an input named with a role id is refused too', async () => {
    await scene.start(RUN, { reason: 'a test', actor: 'AROAREQUESTER:Bob' });
    expect(await approve(await scene.waiting(RUN))).toMatchObject({ body: { error: 'SelfApproval' } });
  });

  it('by a user, who is no session of a role, is refused', async () => {
    await scene.start(RUN);
    const user = session('', 'carol');
    expect(await approve(await scene.waiting(RUN), user)).toMatchObject({
      status: 403,
      body: { error: 'PrincipalRefused' },
    });
  });

  it.each([
    { body: '{"requestSha256":', says: 'not JSON' },
    { body: { requestSha256: 'abc' }, says: 'want the SHA-256' },
    { body: { requestSha256: '0'.repeat(64), force: true }, says: 'force: is not a known field' },
    { body: 'x'.repeat(5_000), says: 'at most 4096' },
  ])('in a body that is not one ($says) is refused', async ({ body, says }) => {
    await scene.start(RUN);
    const approval = await scene.waiting(RUN);
    const answer = await scene.call('decisions', bob, 'POST', at(approval, 'approve'), body);
    expect(answer).toMatchObject({ status: 400, body: { error: 'InvalidInput' } });
    expect(answer.body['message']).toContain(says);
  });

  it('comes too late when there is a decision, whatever it was', async () => {
    await scene.start(RUN);
    const approval = await scene.waiting(RUN);
    expect(await approve(approval)).toMatchObject({ status: 200 });
    for (const by of [bob, session('AROAAPPROVER', 'carol')])
      expect(await approve(approval, by)).toMatchObject({ status: 409, body: { error: 'AlreadyDecided' } });
    const deny = { ...hashOf(approval), reason: 'changed my mind' };
    expect(await scene.call('decisions', bob, 'POST', at(approval, 'deny'), deny)).toMatchObject({
      status: 409,
    });
    const attempts = await scene.about(approval.approvalId);
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['refused', 'refused', 'refused']);
    const closed = (await scene.records(approval.approvalId)).filter(({ type }) => type === 'RunClosed');
    expect(closed).toHaveLength(1);
  });

  it('after its time is over is refused, recorded, and denies the approval', async () => {
    await scene.start(RUN);
    const approval = await scene.waiting(RUN);
    // The run's own wait ends a moment earlier; what this is about is the stored time.
    await scene.app.states.handle('StopExecution', {
      executionArn: `arn:aws:states:us-east-1:111111111111:execution:Rotation:${RUN}`,
    });
    await scene.app.clock.advance(15 * MINUTE);
    expect(await approve(approval)).toMatchObject({ status: 409, body: { error: 'ApprovalExpired' } });
    expect(await scene.about(approval.approvalId)).toMatchObject([{ outcome: 'refused' }]);
    expect((await scene.records(approval.approvalId)).at(-1)).toMatchObject({ outcome: 'not-approved' });
  });
});

describe('a run that was denied', () => {
  it.each([
    { machine: 'Revocation', names: true },
    { machine: 'Rotation', names: false },
  ] as const)(
    'names the way without a second person where there is one: $machine, $names',
    async ({ machine, names }) => {
      const input = { identityId: IDENTITY, reason: 'a test' };
      await scene.app.deps.executions.start(machine, RUN, input);
      const approval = await scene.waiting(RUN);
      const body = { ...hashOf(approval), reason: 'not on a Friday' };
      await scene.call('decisions', bob, 'POST', at(approval, 'deny'), body);
      const { cause } = await scene.ended(RUN, machine);
      const alone = `gapless revoke ${IDENTITY} --reason "<why>" --break-glass`;
      expect(String(cause).includes(alone)).toBe(names);
    },
  );
});
