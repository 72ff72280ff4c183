import type { Principal } from '../../core/approval/principal';
import { approvalIdOf } from '../../core/approval/request';
import { childRunId } from '../../core/bulk/list';
import { parseRecord, type EvidenceRecord } from '../../core/evidence/record';
import { decide } from '../../lambdas/api/decide';
import { readDecision } from '../../lambdas/steps/approve/read-decision';
import { requestApproval } from '../../lambdas/steps/approve/request';
import { openBulk } from '../../lambdas/steps/bulk/open';
import { openRevocation } from '../../lambdas/steps/open/revocation';
import { MemoryNotices } from '../../adapters/memory/notices';
import { bob, session, tokensOf } from '../support/approval-scene';
import { sharedAssembly } from '../support/assembly';
import { BULK, bulkScene, closedBulk, counts, revokeAll, type BulkScene } from '../support/bulk-scene';
import { eventually } from '../support/eventually';
import { quietSteps } from '../support/quiet';

quietSteps();
beforeAll(async () => void (await sharedAssembly()), 180_000);

const APPROVAL = approvalIdOf(BULK);

async function waiting({ app }: BulkScene) {
  const found = await eventually(
    async () => app.deps.registry.approval(APPROVAL),
    (there) => there !== undefined,
  );
  if (!found) throw new Error('no approval waits');
  return found;
}

/** Begins to revoke everybody, and decides what then waits. */
async function decided(scene: BulkScene, verdict: 'approved' | 'denied', by: Principal = bob) {
  const running = revokeAll(scene, { actor: 'alice' });
  running.catch(() => undefined);
  const { requestSha256 } = await waiting(scene);
  const deps = { ...scene.app.deps, tokens: tokensOf(scene.app) };
  await decide(deps, by, APPROVAL, { verdict, requestSha256, reason: 'seen and agreed' });
  return running;
}

async function records({ app }: BulkScene, runId: string): Promise<readonly EvidenceRecord[]> {
  return (await app.deps.evidence.read('RUN', runId)).map(({ body }) => parseRecord(body));
}

const execution = (name: string) => ({
  id: `arn:of:${name}`,
  name,
  startTime: '2026-01-01T00:00:00.000Z',
  redriveCount: 0,
});

describe('a bulk revocation that needs a second person', () => {
  let scene: BulkScene;
  afterEach(async () => scene.app.stop());

  it('asks once for everybody in its list, and the request names how many and the hash of who', async () => {
    scene = await bulkScene(3, undefined, { revocation: 'required' });
    expect(await decided(scene, 'approved')).toMatchObject({ status: 'SUCCEEDED' });
    const approval = await scene.app.deps.registry.approval(APPROVAL);
    const [opened] = await records(scene, BULK);
    if (opened?.type !== 'RunOpened') throw new Error('not opened');
    expect(approval).toMatchObject({ kind: 'bulk', identityId: '*' });
    expect(JSON.parse(approval?.request ?? '{}')).toMatchObject({
      kind: 'bulk',
      selection: { count: 3, listSha256: opened.selection?.list.sha256 },
    });
    expect(counts((await closedBulk(scene)).census)).toMatchObject({ asked: 3, done: 3 });
    const { registry } = scene.app.deps;
    for (const id of scene.ids) {
      const child = childRunId(BULK, id);
      expect(await registry.approval(approvalIdOf(child))).toBeUndefined();
      expect((await records(scene, child))[1]).toMatchObject({
        type: 'ApprovalDecided',
        decision: 'approved',
        approver: { id: 'AROAAPPROVER:bob' },
        requestSha256: approval?.requestSha256,
      });
    }
    expect(await registry.openRuns()).toEqual([]);
  }, 60_000);

  it('asks above the limit of the deployment, too, and tells a person that it waits', async () => {
    scene = await bulkScene(3);
    const notices = new MemoryNotices();
    Object.assign(scene.app.deps, { notices, bulk: { approvalAbove: 2, atOnce: 40 } });
    expect(await decided(scene, 'approved')).toMatchObject({ status: 'SUCCEEDED' });
    expect(notices.sent.filter(({ data }) => data.state === 'approval.requested')).toMatchObject([
      { id: `${BULK}/approval.requested`, subject: '*', data: { needs: 'person' } },
    ]);
    expect(scene.ids.filter((id) => !scene.target.isDead(id))).toEqual([]);
  }, 60_000);

  it('touches nobody when it is denied, and cannot be approved by whoever asked', async () => {
    scene = await bulkScene(3, undefined, { revocation: 'required' });
    const running = revokeAll(scene, { actor: 'alice' });
    running.catch(() => undefined);
    const { requestSha256 } = await waiting(scene);
    const deps = { ...scene.app.deps, tokens: tokensOf(scene.app) };
    const answer = { verdict: 'approved', requestSha256, reason: undefined } as const;
    const herself = session('AROAAPPROVER', 'Alice');
    await expect(decide(deps, herself, APPROVAL, answer)).rejects.toMatchObject({ name: 'SelfApproval' });
    await decide(deps, bob, APPROVAL, { ...answer, verdict: 'denied', reason: 'not these' });
    expect(await running).toMatchObject({ status: 'FAILED', error: 'NotApproved' });
    expect(scene.ids.filter((id) => scene.target.isDead(id))).toEqual([]);
    expect((await closedBulk(scene)).outcome).toBe('not-approved');
  }, 60_000);
});

describe('the approval of a bulk revocation', () => {
  let scene: BulkScene;
  afterEach(async () => scene.app.stop());

  /** Opens the bulk run of the first two identities only, and has it approved. */
  async function openedAndApproved(verdict: 'approved' | 'none') {
    scene = await bulkScene(3, undefined, { revocation: 'required' });
    const { deps } = scene.app;
    const select = { ids: scene.ids.slice(0, 2) };
    const begun = await openBulk(deps, execution(BULK), { select, reason: 'a laptop was lost' });
    if (begun.does !== 'revoke') throw new Error('not opened');
    if (verdict === 'none') return;

    const { requestSha256 } = await requestApproval(deps, execution(BULK), begun.run, 'token');
    const tokens = { wake: async () => 'gone' as const };
    await decide({ ...deps, tokens }, bob, APPROVAL, { verdict, requestSha256, reason: undefined });
    await readDecision(deps, begun.run);
  }

  const opening = async (id = '') => {
    const input = { identityId: id, reason: 'a laptop was lost', bulk: BULK };
    return openRevocation(scene.app.deps, execution(childRunId(BULK, id)), input);
  };

  it('covers whom its list holds, and nobody else who names it', async () => {
    await openedAndApproved('approved');
    const [listed, , stranger] = scene.ids;
    expect(await opening(listed)).toMatchObject({ approval: 'never' });
    expect(await opening(stranger)).toMatchObject({ approval: 'required' });
  });

  it('covers nobody before somebody has agreed', async () => {
    await openedAndApproved('none');
    expect(await opening(scene.ids[0])).toMatchObject({ approval: 'required' });
  });

  it('is asked for as it was recorded first, though a repeated opening finds fewer people or another limit', async () => {
    scene = await bulkScene(3);
    const begin = async (approvalAbove: number) =>
      openBulk({ ...scene.app.deps, bulk: { approvalAbove, atOnce: 40 } }, execution(BULK), {
        select: { owner: 'team-test' },
        reason: 'a laptop was lost',
      });
    expect(await begin(2)).toMatchObject({ count: 3, run: { approval: 'required' } });
    expect(await begin(3)).toMatchObject({ count: 3, run: { approval: 'required' } });
  });

  it('is not asked for again when the bulk run is taken up again', async () => {
    await openedAndApproved('approved');
    const again = await openBulk(scene.app.deps, execution('the-second-try'), { resume: BULK });
    expect(again.run).toMatchObject({ runId: BULK, approval: 'never' });
  });
});
