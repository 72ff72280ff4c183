import { approvalIdOf } from '../../core/approval/request';
import { verifyStoredRun } from '../../core/evidence/verify';
import { violations } from '../support/oracle';
import { deployedApp, until } from './deployed-app';
import { call, session } from './people';

const app = deployedApp();
beforeAll(async () => app.enrolled());
afterAll(() => app.close());
const { approved } = app.cast;

async function waiting(runId: string) {
  const found = await until(
    async () => app.registry.approval(approvalIdOf(runId)),
    (there) => there !== undefined,
  );
  if (!found) throw new Error(`run ${runId} waits for no approval`);
  return found;
}

describe('a rotation that needs an approval', () => {
  it('waits at its task token, goes on when another person approves over the URL, and ends verified at L4', async () => {
    const [alice, aliceApproves, bob] = await Promise.all([
      session(app, 'Requester', 'alice'),
      session(app, 'Approver', 'alice'),
      session(app, 'Approver', 'bob'),
    ]);
    const before = (await app.vault.labels(approved.secret)).current;
    const asked = { identityId: approved.id, reason: 'a test' };
    const request = await call(app, 'RequestsUrl', alice, { path: 'rotations', body: asked });
    expect(request).toMatchObject({ status: 200 });
    const runId = String(request.body['runId']);
    const { approvalId, requestSha256 } = await waiting(runId);
    const decision = { path: `approvals/${approvalId}/approve`, body: { requestSha256 } };
    expect(await call(app, 'DecisionsUrl', aliceApproves, decision)).toMatchObject({
      status: 403,
      body: { error: 'SelfApproval' },
    });
    expect((await app.vault.labels(approved.secret)).current).toBe(before);
    expect(await call(app, 'DecisionsUrl', bob, decision)).toMatchObject({ status: 200 });
    expect(await app.ended('Rotation', runId)).toEqual({ status: 'SUCCEEDED' });
    expect((await app.vault.labels(approved.secret)).current).not.toBe(before);
    expect(await app.registry.summary(runId)).toMatchObject({ outcome: 'verified', level: 'L4' });
    for (const id of [runId, approvalId])
      expect(await verifyStoredRun(app.evidence, id)).toMatchObject({ state: 'verified', closed: 'yes' });
    expect(await violations(app, app.server, approved)).toEqual([]);
  });
});

describe('IAM', () => {
  it('keeps requesters from the decisions URL and approvers from the requests URL', async () => {
    const [alice, bob] = await Promise.all([
      session(app, 'Requester', 'alice'),
      session(app, 'Approver', 'bob'),
    ]);
    const body = { identityId: approved.id, reason: 'a test' };
    const asks = await call(app, 'RequestsUrl', bob, { path: 'rotations', body });
    const decides = await call(app, 'DecisionsUrl', alice, { method: 'GET', path: 'approvals' });
    expect([asks.status, decides.status]).toEqual([403, 403]);
  });
});
