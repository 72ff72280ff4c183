import { approvalIdOf } from '../../core/approval/request';
import { childRunId } from '../../core/bulk/list';
import { requestApproval } from '../../lambdas/steps/approve/request';
import { openRevocation } from '../../lambdas/steps/open/revocation';
import { alice, bob, peopleAround, session, type ApprovalScene } from '../support/approval-scene';
import { sharedAssembly } from '../support/assembly';
import { bulkScene, type BulkScene } from '../support/bulk-scene';
import { quietSteps } from '../support/quiet';

quietSteps();
beforeAll(async () => void (await sharedAssembly()), 180_000);

const ARN = 'arn:aws:states:us-east-1:111111111111:execution:BulkRevocation';
const asked = { select: { owner: 'team-test' }, reason: 'a laptop was lost' };

let scene: BulkScene;
let people: ApprovalScene;
beforeEach(async () => {
  scene = await bulkScene(2, undefined, { revocation: 'required' });
  people = peopleAround(scene.app, scene.ids[0] ?? '');
});
afterEach(async () => scene.app.stop());

const ask = async (body: object) => people.call('requests', alice, 'POST', '/bulk-revocations', body);
const begun = async () => String((await ask(asked)).body['runId']);

async function approve(runId: string, by: typeof alice) {
  const { approvalId, requestSha256 } = await people.waiting(runId);
  return people.call('decisions', by, 'POST', `/approvals/${approvalId}/approve`, { requestSha256 });
}

const verifiedAlice = { type: 'person', id: 'AROAREQUESTER:alice', assurance: 'verified' };

describe('a bulk revocation that is asked for through the requests URL', () => {
  it('belongs to a verified person, needs another one by another role, and so do all that it starts', async () => {
    const runId = await begun();
    expect((await people.waiting(runId)).requester).toEqual({ actor: verifiedAlice, principal: alice });
    expect(await approve(runId, session('AROAAPPROVER', 'alice'))).toMatchObject({
      status: 403,
      body: { error: 'SelfApproval' },
    });
    expect(await approve(runId, session(alice.roleId, 'carol'))).toMatchObject({
      status: 403,
      body: { error: 'RoleNotDisjoint' },
    });
    expect(scene.ids.filter((id) => scene.target.isDead(id))).toEqual([]);
    expect(await approve(runId, bob)).toMatchObject({ status: 200 });
    const ended = scene.app.passing(scene.app.states.finished(`${ARN}:${runId}`));
    expect(await ended).toMatchObject({ status: 'SUCCEEDED' });
    expect(scene.ids.filter((id) => !scene.target.isDead(id))).toEqual([]);
    for (const id of [runId, ...scene.ids.map((each) => childRunId(runId, each))])
      expect((await people.records(id))[0]).toMatchObject({ type: 'RunOpened', actor: verifiedAlice });
  }, 60_000);

  it('is theirs also where one of its revocations has to ask for itself', async () => {
    const runId = await begun();
    await people.waiting(runId);
    const [id = ''] = scene.ids;
    const name = childRunId(runId, id);
    const execution = { id: `arn:of:${name}`, name, startTime: '2026-01-01T00:00:00.000Z', redriveCount: 0 };
    const input = { identityId: id, reason: asked.reason, bulk: runId };
    const run = await openRevocation(scene.app.deps, execution, input);
    expect(run).toMatchObject({ approval: 'required', actor: verifiedAlice });
    await requestApproval(scene.app.deps, execution, run, 'token');
    const approval = await scene.app.deps.registry.approval(approvalIdOf(name));
    expect(approval?.requester.principal).toEqual(alice);
    expect(await approve(name, session(alice.roleId, 'carol'))).toMatchObject({
      body: { error: 'RoleNotDisjoint' },
    });
  }, 60_000);

  it('takes as many ids as an execution does, so that whoever names many is verified, too', async () => {
    const ids = Array.from({ length: 1_000 }, () => scene.ids).flat();
    const answer = await ask({ select: { ids }, reason: 'a laptop was lost' });
    const runId = String(answer.body['runId']);
    expect((await people.waiting(runId)).requester.principal).toEqual(alice);
    expect((await people.records(runId))[0]).toMatchObject({ selection: { value: '2 ids', count: 2 } });
  });

  it.each([
    {
      many: 'more ids than that',
      ids: Array.from({ length: 3_001 }, () => 'many-0000'),
      says: 'at most 3000',
    },
    { many: 'a longer body', ids: ['x'.repeat(213_000)], says: 'at most 212992 are allowed here' },
  ])('says how much is allowed when it is given $many', async ({ ids, says }) => {
    const answer = await ask({ select: { ids }, reason: 'a laptop was lost' });
    expect(answer).toMatchObject({ status: 400, body: { error: 'InvalidInput' } });
    expect(answer.body['message']).toContain(says);
  });

  it.each([
    { what: 'another person’s name', more: { actor: 'mallory' } },
    { what: 'a run to take over', more: { resume: 'the-bulk' } },
    { what: 'to go without a second person', more: { breakGlass: true } },
    { what: 'nobody in particular', more: { select: {} } },
  ])('may not ask for $what', async ({ more }) => {
    expect(await ask({ ...asked, ...more })).toMatchObject({ status: 400, body: { error: 'InvalidInput' } });
  });
});
