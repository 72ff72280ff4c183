import { startOAuth, type Client, type OAuthServers } from '../../apps/local/target/oauth/start';
import { oauthTarget } from '../../apps/local/target/oauth/target';
import { connector } from '../../connectors/oauth-client';
import { descriptor } from '../../connectors/oauth-client/descriptor';
import type { Subject } from '../../core/call';
import { Failure } from '../../core/failure';
import { Material } from '../../core/material';
import { callAs } from '../support/postgres';

const { operations, probe } = connector;
let servers: OAuthServers;
beforeAll(async () => {
  servers = await startOAuth();
}, 60_000);
afterEach(async () => void (await servers.turn({ trouble: 'none', propagationMs: 0, tokenSeconds: 600 })));
afterAll(async () => servers.stop());

function subjectWith(changes: object = {}): Subject {
  const target = { ...oauthTarget(servers, 'introspected'), ...changes };
  return { identityId: 'orders-runner', strategy: 'new-client', target };
}

const admin = () => callAs(new Material({ token: servers.tokens.admin, denyToken: servers.tokens.deny }));
const heldBy = (client: Client) => ({
  versionId: 'v1',
  remoteId: client.client_id,
  material: new Material({ ...client }),
});
const registered = async (owner = 'orders-runner') => heldBy(await servers.register(owner));

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const failure = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure instanceof Failure) return failure;
  throw new Error('expected a Failure', { cause: failure });
}

const seen = async (material: Material, changes: object = {}) =>
  probe.observe(
    subjectWith(changes),
    { versionId: 'v1', remoteId: 'r' },
    material,
    { id: 'direct' },
    admin(),
  );

describe('what a token endpoint says', () => {
  it('of a client that is gone is invalid_client with 401, by name in evidence', async () => {
    const held = await registered();
    await servers.delete(held.remoteId);
    expect(await seen(held.material)).toMatchObject({
      verdict: { state: 'refused', signal: 'invalid_client' },
      rawCode: 'HTTP 401 invalid_client',
    });
  });

  it('of a secret that has expired is invalid_client too, with 400', async () => {
    const held = await registered();
    await servers.turn({ client: { id: held.remoteId, secretExpiresInMs: -2_000 } });
    expect(await seen(held.material)).toMatchObject({
      verdict: { state: 'refused' },
      rawCode: 'HTTP 400 invalid_client',
    });
  });

  it('as a bare 401 of something on the way proves nothing', async () => {
    const { material } = await registered();
    const token = `${servers.issuer}/fault/unauthorised/token`;
    expect(await seen(material, { token })).toMatchObject({
      verdict: { state: 'inconclusive' },
      rawCode: 'HTTP 401',
    });
  });

  it('of a request it does not understand proves nothing: the client may have been looked at or not', async () => {
    const { material } = await registered();
    expect(await seen(material, { audience: 'urn:example:nothing#x' }).catch(String)).toMatch(/audience/);
    const { verdict, rawCode } = await seen(material, { token: `${servers.issuer}/nowhere` });
    expect([verdict.state, rawCode]).toEqual(['inconclusive', 'HTTP 404']);
  });

  it('of a refresh token is no more than the client it was issued to: refused once that is gone', async () => {
    const client = await servers.register('orders-runner');
    const { refresh = '' } = await servers.turn({ refreshFor: client.client_id });
    const form = { grant_type: 'refresh_token', refresh_token: refresh };
    expect((await servers.token(client, form)).status).toBe(200);
    const other = await servers.register('orders-runner');
    expect(await servers.token(other, form)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    await operations.suspend(subjectWith(), heldBy(client), admin());
    expect(await servers.token(client, form)).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    });
    expect(await servers.token(other, form)).toMatchObject({ status: 400 });
  });
});

describe('an issued client', () => {
  it('carries the run, keeps other fields of the secret, and holds one token as a witness', async () => {
    const current = (await registered()).material.with({ note: 'kept' });
    const { remoteId, material } = await operations.issue(subjectWith(), current, admin());
    expect([material.reveal('client_id'), material.reveal('note')]).toEqual([remoteId, 'kept']);
    expect(await servers.use(material.reveal('witness_token') ?? '', 'introspected')).toBe(200);
    const lifeMs = Date.parse(material.reveal('witness_expires') ?? '') - (await servers.turn({})).now;
    expect(Math.abs(lifeMs - 600_000)).toBeLessThan(30_000);
    const found = (await operations.list(subjectWith(), admin())).find((each) => each.remoteId === remoteId);
    expect(found).toMatchObject({ attributable: true, runId: 'run-1', createdAt: expect.any(String) });
  });

  it('is not made where tokens live longer than the policy says: named before anything changes', async () => {
    const held = await registered();
    await servers.turn({ tokenSeconds: 7_200 });
    const before = (await operations.list(subjectWith(), admin())).length;
    const failure = await failureOf(operations.issue(subjectWith(), held.material, admin()));
    expect([failure.name, failure.effect]).toEqual(['InvalidInput', 'none']);
    expect(failure.message).toMatch(/tokens of 7200 s and the policy says tokens\.seconds: 600/);
    expect(await operations.list(subjectWith(), admin())).toHaveLength(before);
  });

  it('is listed beside nobody else where the issuer can narrow its list', async () => {
    const [own, foreign] = [await registered(), await registered('neighbour')];
    const registration = { url: `${servers.issuer}/reg`, filter: 'software_id' };
    const ids = (await operations.list(subjectWith({ registration }), admin())).map(
      ({ remoteId }) => remoteId,
    );
    expect(ids).toContain(own.remoteId);
    expect(ids).not.toContain(foreign.remoteId);
  });
});

describe('before anything changes', () => {
  it('a secret whose client the issuer does not know is named', async () => {
    const held = await registered();
    await servers.delete(held.remoteId);
    const failure = await failureOf(operations.preflight(subjectWith(), held, admin()));
    expect([failure.name, failure.effect]).toEqual(['PrincipalMissing', 'none']);
  });

  it('a secret without the token that a request needs is named, and nothing is sent', async () => {
    const failure = await failureOf(operations.list(subjectWith(), callAs(new Material({ other: 'x' }))));
    expect([failure.name, failure.effect]).toEqual(['AdminSecretMissing', 'none']);
  });

  it.each([
    ['unavailable', 'TargetUnreachable', 'unknown'],
    ['throttled', 'TargetThrottled', 'none'],
  ] as const)('a registration endpoint that is %s says %s and effect %s', async (trouble, code, effect) => {
    const held = await registered();
    await servers.turn({ trouble });
    for (const act of [
      async () => operations.suspend(subjectWith(), held, admin()),
      async () => operations.revoke(subjectWith(), held, 'removePrincipal', admin()),
      async () => operations.issue(subjectWith(), held.material, admin()),
    ]) {
      const failure = await failureOf(act());
      expect([failure.name, failure.effect]).toEqual([code, effect]);
    }
  });

  it.each([
    ['metadata service', { token: 'http://169.254.169.254/token' }, 'ADDRESS_NOT_ALLOWED'],
    ['private address that is not declared', { allowPrivate: false }, 'ADDRESS_NOT_ALLOWED'],
  ])('a %s is not asked, and that is no refusal', async (_what, changes, rawCode) => {
    const { material } = await registered();
    expect(await seen(material, changes)).toMatchObject({ verdict: { state: 'inconclusive' }, rawCode });
  });
});

const complaint = (changes: object) =>
  descriptor.target.safeParse({ ...oauthTarget(servers, 'introspected'), ...changes }).error?.issues[0]
    ?.message;

describe('a policy', () => {
  it.each([
    ['a user in a URL', { token: 'https://me:pw@issuer.example.com/token' }, /without user/],
    ['no life of tokens', { tokens: { end: 'introspection' } }, /./],
    ['an end that is not known', { tokens: { seconds: 1, end: 'hope' } }, /introspection or denyList/],
    [
      'a denial that nothing could show',
      { tokens: { seconds: 1, end: 'introspection' }, resources: [] },
      /at least one resource server/,
    ],
    ['a deny list without its URL', { tokens: { seconds: 1, end: 'denyList' } }, /want a URL/],
    ['a deny list that nothing uses', { denyList: 'https://deny.example.com' }, /none without/],
    [
      'a secret in the metadata',
      { registration: { url: 'https://i.example.com', metadata: { client_secret: 'x' } } },
      /no secret/,
    ],
    [
      'metadata of our own',
      { registration: { url: 'https://i.example.com', metadata: { software_id: 'x' } } },
      /want none of/,
    ],
    ['a field that is not known', { issuer: 'https://i.example.com' }, /./],
  ])('may not say %s', (_what, changes, says) => {
    expect(complaint({})).toBeUndefined();
    expect(complaint(changes)).toMatch(says);
  });
});
