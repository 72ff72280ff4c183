import * as z from 'zod/mini';
import { writeAssembly } from '../support/engine-assembly';
import { openCloud, type ClientConfig, type TestCloud } from '../support/engine-cloud';
import { invokeFunction, signedFetch } from '../support/signed-fetch';

const account = '000000000000';
const echo = { 'Fn::GetAtt': ['echo', 'Arn'] };
const viaUrl = { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } };
const byIam = { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } };
const caller = (name: string, statements: readonly object[]) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    RoleName: name,
    AssumeRolePolicyDocument: {
      Statement: [
        { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'sts:AssumeRole' },
      ],
    },
    Policies: [{ PolicyName: 'Own', PolicyDocument: { Statement: statements } }],
  },
});
const allow = (Action: string, Condition: object) => ({ Effect: 'Allow', Action, Resource: echo, Condition });
const extra = {
  EchoUrl: { Type: 'AWS::Lambda::Url', Properties: { TargetFunctionArn: echo, AuthType: 'AWS_IAM' } },
  Both: caller('both', [allow('lambda:InvokeFunctionUrl', byIam), allow('lambda:InvokeFunction', viaUrl)]),
  UrlOnly: caller('url-only', [allow('lambda:InvokeFunctionUrl', byIam)]),
};

const Echoed = z.object({
  event: z.looseObject({
    rawPath: z.string(),
    body: z.optional(z.string()),
    requestContext: z.looseObject({
      http: z.looseObject({ method: z.string() }),
      authorizer: z.object({ iam: z.record(z.string(), z.string()) }),
    }),
  }),
});

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await openCloud({ assembly: writeAssembly({ extra }) });
});
afterAll(async () => cloud.remove());

function as(role: string, sessionName: string): ClientConfig {
  const credentials = cloud.engine.roleCredentials(`arn:aws:iam::${account}:role/${role}`, sessionName);
  return { ...cloud.client, credentials };
}

const path = '/function-url/echo/approvals/1';

describe('a function URL', () => {
  it('hands its function the request, and the caller as IAM knows it', async () => {
    const response = await signedFetch(as('both', 'alice'), { service: 'lambda', path, body: '{"a":1}' });
    expect(response.status).toBe(200);
    const { event } = Echoed.parse(await response.json());
    expect(event).toMatchObject({ version: '2.0', rawPath: '/approvals/1', isBase64Encoded: true });
    expect(Buffer.from(event.body ?? '', 'base64').toString()).toBe('{"a":1}');
    const { http, authorizer } = event.requestContext;
    expect(http.method).toBe('POST');
    const { userId = '', callerId } = authorizer.iam;
    expect(userId).toMatch(/^AROA[0-9A-F]{17}:alice$/);
    expect(callerId).toBe(userId);
    expect(authorizer.iam).toMatchObject({
      accountId: account,
      userArn: `arn:aws:sts::${account}:assumed-role/both/alice`,
    });
  });

  it('gives all sessions of a role one role id, in STS too', async () => {
    const idOf = async (sessionName: string) => {
      const response = await signedFetch(as('both', sessionName), { service: 'lambda', method: 'GET', path });
      return Echoed.parse(await response.json()).event.requestContext.authorizer.iam['userId'];
    };
    const [alice = '', bob = ''] = [await idOf('alice'), await idOf('bob')];
    expect(alice.split(':')[0]).toBe(bob.split(':')[0]);
    const body = 'Action=GetCallerIdentity&Version=2011-06-15';
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await signedFetch(as('both', 'alice'), { service: 'sts', headers, body });
    expect(await answer.text()).toContain(`<UserId>${alice}</UserId>`);
  });

  it('is shut to a caller without a signature, with a wrong one, or with one of the two rights it takes', async () => {
    expect((await fetch(`${cloud.engine.endpoint}${path}`)).status).toBe(403);
    const wrong = as('both', 'alice');
    const credentials = { ...wrong.credentials, secretAccessKey: 'not the secret' };
    const forged = await signedFetch({ ...wrong, credentials }, { service: 'lambda', path, body: '{}' });
    expect(forged.status).toBe(403);
    const half = await signedFetch(as('url-only', 'alice'), { service: 'lambda', path, body: '{}' });
    expect(half.status).toBe(403);
    expect(await half.json()).toMatchObject({ message: expect.stringContaining('lambda:InvokeFunction') });
  });

  it('opens no way to the function beside it, where an event could claim to be anybody', async () => {
    const direct = await invokeFunction(as('both', 'alice'), 'echo', { requestContext: {} });
    expect(direct.status).toBe(403);
  });

  it('answers 502 for a function that failed, and says nothing of how', async () => {
    const failing = await signedFetch(cloud.client, {
      service: 'lambda',
      path: '/function-url/throws/',
      body: '',
    });
    expect(failing.status).toBe(502);
    expect(await failing.text()).not.toContain('the target is not ready');
  });
});
