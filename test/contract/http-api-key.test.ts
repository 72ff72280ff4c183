import { createServer, type RequestListener, type Server } from 'node:http';
import { startKeyService, type KeyService } from '../../apps/local/target/key-service/start';
import { keyServiceTarget } from '../../apps/local/target/key-service/target';
import { connector } from '../../connectors/http-api-key';
import { descriptor } from '../../connectors/http-api-key/descriptor';
import type { Subject } from '../../core/call';
import { Failure } from '../../core/failure';
import { Material } from '../../core/material';
import { parsedTarget } from '../../core/parsed-target';
import { listenOnLoopback } from '../support/loopback';
import { callAs } from '../support/postgres';

const { operations, probe } = connector;
const servers: Server[] = [];
let service: KeyService;
beforeAll(async () => {
  service = await startKeyService();
});
afterEach(async () => {
  await service.turn({ trouble: 'none' });
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});
afterAll(async () => service.stop());

function subjectWith(changes: object = {}): Subject {
  const target = { ...keyServiceTarget(service), ...changes };
  return { identityId: 'search-api', strategy: 'side-by-side', target };
}

const admin = () =>
  callAs(new Material({ token: service.tokens.admin, gatewayToken: service.tokens.gateway }));

async function key() {
  const { id, key: value } = await service.create('search-api');
  return { versionId: 'v1', remoteId: id, material: new Material({ id, key: value }) };
}

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const failure = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure instanceof Failure) return failure;
  throw new Error('expected a Failure', { cause: failure });
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  return `http://127.0.0.1:${await listenOnLoopback(server)}`;
}

const list = (changes: object) => operations.list(subjectWith(changes), admin());
const complaint = (changes: object) =>
  descriptor.target.safeParse({ ...keyServiceTarget(service), ...changes }).error?.issues[0]?.message;
const request = () => keyServiceTarget(service).disable;
const probing = () => keyServiceTarget(service).probe;

describe('where requests may go', () => {
  it.each([
    ['a private address the policy does not allow', { allowPrivate: false }, /private address/],
    ['the metadata service of the cloud', { api: 'http://169.254.169.254/latest' }, /no policy can allow/],
    ['it as an IPv6 address', { api: 'http://[::ffff:a9fe:a9fe]/' }, /no policy can allow/],
    ['it written as one number', { api: 'http://2852039166/' }, /no policy can allow/],
    [
      'a private address inside an IPv6 one',
      { api: 'http://[::ffff:7f00:1]:1/', allowPrivate: false },
      /private address/,
    ],
  ])('not to %s: nothing is sent', async (_what, changes, says) => {
    const failure = await failureOf(list(changes));
    expect([failure.name, failure.effect]).toEqual(['TargetRejected', 'none']);
    expect(failure.message).toMatch(says);
    expect(failure.message).toMatch(/Nothing was sent/);
  });

  it('not where an answer points to, and that answer proves nothing', async () => {
    const paths: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      paths.push(request.url);
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    expect((await failureOf(list({ api: url }))).message).toMatch(/HTTP 302\. Redirects are not followed/);
    const subject = subjectWith({ probe: { ...keyServiceTarget(service).probe, url: `${url}/whoami` } });
    const seen = await probe.observe(subject, await key(), (await key()).material, { id: 'direct' }, admin());
    expect(seen).toMatchObject({ verdict: { state: 'inconclusive' }, rawCode: 'HTTP 302' });
    expect(paths).toEqual(['/keys', '/whoami']);
  });

  it('of a probe path neither: an address that no policy can allow is inconclusive, not a refusal', async () => {
    const held = await key();
    const path = { id: 'edge', address: '169.254.169.254:80' };
    const seen = await probe.observe(subjectWith(), held, held.material, path, admin());
    expect(seen).toMatchObject({ verdict: { state: 'inconclusive' }, rawCode: 'ADDRESS_NOT_ALLOWED' });
  });

  it('through a proxy of the environment neither', async () => {
    const seen: (string | undefined)[] = [];
    const proxy = await serve((request, response) => {
      seen.push(request.url);
      response.end();
    });
    process.env['http_proxy'] = proxy;
    await list({});
    delete process.env['http_proxy'];
    expect(seen).toEqual([]);
  });

  it('reads answers up to a cap', async () => {
    const url = await serve((_request, response) => response.end('x'.repeat(100_000)));
    expect((await failureOf(list({ api: url }))).message).toMatch(/more than 65536 bytes/);
  });
});

describe('what a policy may say', () => {
  it('is what the key service of the tests says', () => {
    expect(complaint({})).toBeUndefined();
  });

  it('is not repeated where it may be a secret', () => {
    const disable = { ...request(), headers: { authorization: 'Bearer abc' } };
    const target = { ...keyServiceTarget(service), disable };
    const parse = () => parsedTarget(descriptor.target, { identityId: 'api', target });
    expect(parse).toThrow(/^api: target\.disable\.headers: .*holds no secret/);
    expect(parse).not.toThrow(/abc/);
  });

  it.each([
    [
      'a secret in a header',
      () => ({ disable: { ...request(), headers: { authorization: 'Bearer abc' } } }),
      /holds no secret/,
    ],
    [
      'the key in a request to the admin side',
      () => ({ disable: { ...request(), headers: { 'x-key': '{key}' } } }),
      /placeholder that is not known/,
    ],
    [
      'the authority in a probe',
      () => ({ probe: { ...probing(), headers: { a: '{authority.token}' } } }),
      /placeholder that is not known/,
    ],
    [
      'the authority in a path',
      () => ({ disable: { ...request(), path: '/{authority.token}' } }),
      /placeholder that is not known/,
    ],
    ['a user in a URL', () => ({ api: 'https://me:pw@keys.example.com' }), /without user/],
    ['a status as proof by itself', () => ({ probe: { ...probing(), refused: [{ status: 401 }] } }), /./],
    ['no refusal that proves anything', () => ({ probe: { ...probing(), refused: [] } }), /./],
    [
      'a wait that no invocation can watch',
      () => ({ pace: { propagationSeconds: 30, cacheSeconds: 60, windowSeconds: 15 } }),
      /at most 100 seconds/,
    ],
    ['a field that is not known', () => ({ probes: [] }), /./],
  ])('is not %s', (_what, changes, says) => {
    expect(complaint(changes())).toMatch(says);
  });

  it('may be a secret that lacks a field: named, and nothing is sent', async () => {
    const failure = await failureOf(operations.list(subjectWith(), callAs(new Material({ other: 'x' }))));
    expect([failure.name, failure.effect]).toEqual(['AdminSecretMissing', 'none']);
    expect(failure.message).toMatch(/\{authority\.token\}/);
  });
});

describe('a service in trouble', () => {
  it.each([
    ['unavailable', 'TargetUnreachable', 'unknown'],
    ['throttled', 'TargetThrottled', 'none'],
    ['odd', 'TargetRejected', 'unknown'],
  ] as const)('%s: says %s and that the effect is %s', async (trouble, code, effect) => {
    const held = await key();
    await service.turn({ trouble });
    for (const act of [
      async () => operations.suspend(subjectWith(), held, admin()),
      async () => operations.revoke(subjectWith(), held, 'removePrincipal', admin()),
      async () => operations.issue(subjectWith(), held.material, admin()),
    ]) {
      const failure = await failureOf(act());
      expect([failure.name, failure.effect]).toEqual([code, effect]);
    }
  });

  it('whose gateway blocks a key: refused behind the gateway, accepted beside it, and back after the block', async () => {
    const held = await key();
    const gatewayPath = { id: 'gateway', address: `127.0.0.1:${service.ports.gateway}` };
    const seen = async (path: { id: string; address?: string }) =>
      (await probe.observe(subjectWith(), held, held.material, path, admin())).verdict.state;
    await service.turn({ trouble: 'unavailable' });
    for (const verb of ['block', 'block'] as const)
      expect(await operations[verb](subjectWith(), held, admin())).toEqual({ effect: 'applied' });
    expect([await seen(gatewayPath), await seen({ id: 'direct' })]).toEqual(['refused', 'accepted']);
    await operations.unblock(subjectWith(), held, admin());
    expect(await seen(gatewayPath)).toBe('accepted');
  });

  it('without a gateway in the policy: says which field is missing', async () => {
    const failure = await failureOf(
      operations.block(subjectWith({ gateway: undefined }), await key(), admin()),
    );
    expect(failure.message).toMatch(/target\.gateway is missing/);
  });
});
