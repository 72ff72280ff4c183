import { nameOf } from '../../lambdas/steps/settle/name';
import { alice, bob, peopleAround, session, type ApprovalScene } from '../support/approval-scene';
import { login } from '../support/oracle';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { quietSteps } from '../support/quiet';
import { rotationScene, type Scene } from '../support/rotation-scene';

quietSteps();

let server: TestPostgres;
beforeAll(async () => {
  server = await testPostgres();
}, 180_000);
afterAll(async () => server.stop());

let given: Scene;
let people: ApprovalScene;
async function scene(id: string): Promise<void> {
  given = await rotationScene(server, { id, strategy: 'alternating' });
  people = peopleAround(given.app, id);
}
afterEach(async () => given.app.stop());

/** Alice revokes alone, with a reissue or without. */
async function revoked(wish: object): Promise<string> {
  const body = { identityId: given.identity.id, reason: 'seen in a paste', breakGlass: true, ...wish };
  const runId = String((await people.call('requests', alice, 'POST', '/revocations', body)).body['runId']);
  expect(await people.ended(runId, 'Revocation')).toMatchObject({ status: 'SUCCEEDED' });
  return runId;
}

async function decide(runId: string, by: typeof alice, verb: 'approve' | 'deny' = 'approve') {
  const { approvalId, requestSha256 } = await people.waiting(runId);
  const body = { requestSha256, reason: 'as agreed' };
  return people.call('decisions', by, 'POST', `/approvals/${approvalId}/${verb}`, body);
}

const refused = (error: string) => ({ status: 403, body: { error } });

describe('a reissue that a revocation has started', () => {
  it('belongs to the person who asked for the revocation, and another one approves it', async () => {
    await scene('reissued-db');
    const revocation = await revoked({ reissue: true });
    const reissue = nameOf('reissue', revocation);
    const { request, requester } = await people.waiting(reissue);
    expect(requester).toMatchObject({ actor: { assurance: 'verified' }, principal: alice });
    expect(JSON.parse(request)).toMatchObject({ trigger: 'reissue', about: revocation });
    expect(await decide(reissue, session('AROAAPPROVER', 'alice'))).toMatchObject(refused('SelfApproval'));
    expect(await decide(reissue, session(alice.roleId, 'mallory'))).toMatchObject(refused('RoleNotDisjoint'));
    expect(await decide(reissue, bob)).toMatchObject({ status: 200 });
    expect(await people.ended(reissue)).toMatchObject({ status: 'SUCCEEDED' });
    const { app, identity } = given;
    expect(await login(server, (await app.vault.readCurrent(identity.secret)).material)).toBe('accepted');
  }, 120_000);
});

describe('a reissue that was denied', () => {
  it('is asked for again through the requests URL, and approved', async () => {
    await scene('asked-again-db');
    const revocation = await revoked({ reissue: true });
    expect(await decide(nameOf('reissue', revocation), bob, 'deny')).toMatchObject({ status: 200 });
    expect(await people.ended(nameOf('reissue', revocation))).toMatchObject({ error: 'NotApproved' });
    const body = { identityId: given.identity.id, reason: 'cleared', reissue: revocation };
    const { runId } = (await people.call('requests', alice, 'POST', '/rotations', body)).body;
    expect(await decide(String(runId), bob)).toMatchObject({ status: 200 });
    expect(await people.ended(String(runId))).toMatchObject({ status: 'SUCCEEDED' });
  }, 120_000);
});

describe('a reissue that nobody verified the requester of', () => {
  it.each([
    { how: 'nobody is named', actor: undefined },
    { how: 'somebody is only claimed', actor: 'AROAREQUESTER:carol' },
  ])(
    'can be denied and not approved when $how',
    async ({ actor }) => {
      await scene(actor === undefined ? 'unnamed-db' : 'claimed-db');
      const revocation = await revoked({});
      // The name that the revocation would have given, had a reissue been asked for.
      const reissue = nameOf('reissue', revocation);
      await people.start(reissue, { reissue: revocation, reason: 'by hand', ...(actor && { actor }) });
      const answer = await decide(reissue, bob);
      expect(answer).toMatchObject(refused('RequesterUnverified'));
      expect(answer.body['message']).toContain(
        `requests URL: gapless rotate ${given.identity.id} --reissue ${revocation}`,
      );
      expect((await people.waiting(reissue)).decision).toBeUndefined();
      expect(await decide(reissue, bob, 'deny')).toMatchObject({ status: 200 });
      expect(await people.ended(reissue)).toMatchObject({ error: 'NotApproved' });
    },
    120_000,
  );
});
