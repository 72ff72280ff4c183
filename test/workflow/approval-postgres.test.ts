import { SFNClient, SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import * as z from 'zod/mini';
import { functionUrlOf } from '../../apps/local/lambda/function-url';
import { approvalIdOf } from '../../core/approval/request';
import { verifyStoredRun } from '../../core/evidence/verify';
import { codeOf } from '../support/error-code';
import { eventually } from '../support/eventually';
import { gaplessCloud, type GaplessCloud } from '../support/gapless-cloud';
import { violations } from '../support/oracle';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { seedIdentity, type SeededIdentity } from '../support/postgres-identity';
import { signedFetch } from '../support/signed-fetch';

let server: TestPostgres;
let cloud: GaplessCloud;
let identity: SeededIdentity;

beforeAll(async () => {
  server = await testPostgres();
  const seeded = await seedIdentity(server, { id: 'approved-db', strategy: 'alternating' });
  identity = { ...seeded, policy: { ...seeded.policy, approval: { rotation: 'required' } } };
  cloud = await gaplessCloud([identity]);
}, 120_000);

afterAll(async () => {
  await cloud.remove();
  await server.stop();
});

type Who = 'Requester' | 'Approver';
const roleOf = (who: Who) => cloud.engine.outputs('GaplessWorkflow')[`${who}Role`] ?? '';

/** A signed request to one of the deployed URLs as a session of a deployed role. */
async function call(
  url: 'RequestsUrl' | 'DecisionsUrl',
  [who, sessionName]: readonly [Who, string],
  request: { readonly method?: string; readonly path: string; readonly body?: object },
) {
  const { endpoint, region } = cloud.engine;
  const credentials = cloud.engine.roleCredentials(roleOf(who), sessionName);
  const base = new URL(cloud.engine.outputs('GaplessWorkflow')[url] ?? '').pathname;
  const response = await signedFetch(
    { endpoint, region, credentials, maxAttempts: 1 },
    {
      service: 'lambda',
      method: request.method ?? 'POST',
      path: `${base}${request.path}`,
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    },
  );
  const body = z.record(z.string(), z.unknown()).parse(await response.json());
  return { status: response.status, body };
}

async function requested(): Promise<string> {
  const body = { identityId: identity.id, reason: 'a test' };
  const answer = await call('RequestsUrl', ['Requester', 'alice'], { path: 'rotations', body });
  expect(answer).toMatchObject({ status: 200 });
  return String(answer.body['runId']);
}

async function waiting(runId: string) {
  const found = await eventually(
    async () => cloud.registry.approval(approvalIdOf(runId)),
    (there) => there !== undefined,
  );
  if (!found) throw new Error(`run ${runId} waits for no approval`);
  return found;
}

const login = async () => (await cloud.vault.labels(identity.secret)).current;

describe('a rotation that needs an approval, deployed, against a real PostgreSQL', () => {
  it('changes nothing before another person approves it over the URL, and then ends verified at L4', async () => {
    const before = await login();
    const runId = await requested();
    const { approvalId, requestSha256, decision } = await waiting(runId);
    expect(decision).toBeUndefined();
    const body = { requestSha256 };
    const path = `approvals/${approvalId}/approve`;
    expect(await call('DecisionsUrl', ['Approver', 'alice'], { path, body })).toMatchObject({
      status: 403,
      body: { error: 'SelfApproval' },
    });
    expect(await login()).toBe(before);
    expect(await call('DecisionsUrl', ['Approver', 'bob'], { path, body })).toMatchObject({ status: 200 });
    expect(await cloud.ended('Rotation', runId)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await login()).not.toBe(before);
    expect(await cloud.registry.summary(runId)).toMatchObject({ outcome: 'verified', level: 'L4' });
    for (const id of [runId, approvalId])
      expect(await verifyStoredRun(cloud.evidence, id)).toMatchObject({ state: 'verified', closed: 'yes' });
    expect(await violations(cloud, server, identity)).toEqual([]);
  }, 120_000);

  it('changes nothing when it is denied', async () => {
    const before = await login();
    const runId = await requested();
    const { approvalId, requestSha256 } = await waiting(runId);
    const body = { requestSha256, reason: 'not tonight' };
    const path = `approvals/${approvalId}/deny`;
    expect(await call('DecisionsUrl', ['Approver', 'bob'], { path, body })).toMatchObject({ status: 200 });
    expect(await cloud.ended('Rotation', runId)).toMatchObject({ status: 'FAILED', error: 'NotApproved' });
    expect(await cloud.registry.summary(runId)).toMatchObject({ outcome: 'not-approved' });
    expect(await login()).toBe(before);
  }, 60_000);
});

describe('IAM', () => {
  it('keeps requesters from the decisions URL and approvers from the requests URL', async () => {
    const body = { identityId: identity.id, reason: 'a test' };
    const asks = await call('RequestsUrl', ['Approver', 'bob'], { path: 'rotations', body });
    const decides = await call('DecisionsUrl', ['Requester', 'alice'], { method: 'GET', path: 'approvals' });
    expect([asks.status, decides.status]).toEqual([403, 403]);
  });

  it('lets no role end a wait but that of the decisions function', async () => {
    const { endpoint, region, lambda } = cloud.engine;
    const { functions } = lambda;
    const people = [roleOf('Requester'), roleOf('Approver')];
    const roles = new Set([...functions.map(({ Role }) => Role), ...people]);
    const may: string[] = [];
    for (const roleArn of roles) {
      const credentials = cloud.engine.roleCredentials(roleArn);
      const client = new SFNClient({ endpoint, region, credentials, maxAttempts: 1 });
      const send = new SendTaskSuccessCommand({ taskToken: 'no such token', output: '{}' });
      const code = await client.send(send).then(
        () => 'sent',
        (error: unknown) => (error instanceof Error ? error.name : codeOf(error)),
      );
      client.destroy();
      if (code !== 'AccessDeniedException') may.push(`${roleArn} ${code}`);
    }
    const decisions = functions.find(({ name }) => name === 'gapless-decisions');
    expect(may).toEqual([`${decisions?.Role} InvalidToken`]);
    expect(roles.size).toBeGreaterThan(8);
  });

  it('says where the URLs are', () => {
    const { RequestsUrl, DecisionsUrl } = cloud.engine.outputs('GaplessWorkflow');
    const at = (name: string) => functionUrlOf(cloud.engine.endpoint, name);
    expect({ RequestsUrl, DecisionsUrl }).toEqual({
      RequestsUrl: at('gapless-requests'),
      DecisionsUrl: at('gapless-decisions'),
    });
  });
});
