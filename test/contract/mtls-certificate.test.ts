import { connect, type TLSSocket } from 'node:tls';
import { once } from 'node:events';
import { X509Certificate } from 'node:crypto';
import { connector } from '../../connectors/mtls-certificate';
import { writeCrl } from '../../connectors/mtls-certificate/x509/crl';
import { authorityOf } from '../../connectors/mtls-certificate/x509/authority';
import type { Call, Subject } from '../../core/call';
import { Failure } from '../../core/failure';
import { Material } from '../../core/material';
import { selfSigned } from '../../apps/local/target/mtls/self-signed';
import { greet, materialOf, type MtlsEndpoint, startMtlsEndpoint } from '../../apps/local/target/mtls/start';
import { callAs } from '../support/postgres';

const { operations, probe } = connector;
const OWNER = 'billing';
const both = ['TLSv1.2', 'TLSv1.3'] as const;
const sockets: TLSSocket[] = [];

let endpoint: MtlsEndpoint;
beforeAll(async () => {
  endpoint = await startMtlsEndpoint();
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await endpoint.turn({ tickets: 'changed', reloadDelayMs: 0 });
});
afterAll(async () => endpoint.stop());

function subjectWith(changes: object = {}, identityId = OWNER): Subject {
  const target = { ...endpoint.target(identityId), ...changes };
  return { identityId, strategy: 'side-by-side', target };
}

function admin(changes: Partial<Call> = {}): Call {
  const { certificate: caCertificate, key: caKey } = endpoint.authority.pem;
  return callAs(new Material({ token: endpoint.tokens.write, caCertificate, caKey }), changes);
}

async function enlisted(owner = OWNER, changes: Parameters<MtlsEndpoint['enlist']>[1] = {}) {
  const pair = await endpoint.enlist(owner, changes);
  return { versionId: 'v1', remoteId: pair.serial, material: materialOf(pair) };
}

type Held = Awaited<ReturnType<typeof enlisted>>;

async function seen(held: Held, changes: object = {}) {
  const { material } = held;
  return probe.observe(subjectWith(changes), held, material, { id: 'direct' }, admin());
}

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const failure = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure instanceof Failure) return failure;
  throw new Error('expected a Failure', { cause: failure });
}

async function open(held: Held): Promise<TLSSocket> {
  const socket = await endpoint.open(held.material);
  sockets.push(socket);
  return socket;
}

const count = async (held: Held) => (await operations.countSessions(subjectWith(), held, {}, admin())).count;

describe.each(both)('over %s', (version) => {
  const only = { versions: [version] };

  it('a pair is accepted, and refused by name once it is suspended', async () => {
    const held = await enlisted();
    expect(await seen(held, only)).toMatchObject({ verdict: { state: 'accepted' }, rawCode: 'HTTP 200' });
    await operations.suspend(subjectWith(), held, admin());
    expect(await seen(held, only)).toMatchObject({
      verdict: { state: 'refused', signal: 'certificate_revoked' },
      rawCode: 'HTTP 401 certificate_revoked',
    });
  });

  it('a handshake that went through is no acceptance: only the first application bytes tell', async () => {
    const held = await enlisted();
    await operations.suspend(subjectWith(), held, admin());
    const options = { minVersion: version, maxVersion: version };
    // The endpoint lets everybody through the handshake and says no only when it is asked something.
    expect((await endpoint.open(held.material, options)).authorized).toBe(true);
    expect((await seen(held, only)).verdict.state).toBe('refused');
  });

  it('a ticket from before the revocation is worth nothing after it', async () => {
    const held = await enlisted();
    const session = await ticketOf(held, version);
    expect(await resumed(held, session, version)).toEqual({ reused: true, status: '200' });
    await operations.suspend(subjectWith(), held, admin());
    expect(await resumed(held, session, version)).toEqual({ reused: false, status: '401' });
  });

  it('an endpoint that keeps its ticket keys lets a revoked pair in, and is never counted as free of sessions', async () => {
    const held = await enlisted();
    const session = await ticketOf(held, version);
    await endpoint.turn({ tickets: 'kept' });
    await operations.suspend(subjectWith(), held, admin());
    expect((await seen(held, only)).verdict.state).toBe('refused');
    expect(await resumed(held, session, version)).toEqual({ reused: true, status: '200' });
    const failure = await failureOf(count(held));
    expect([failure.name, failure.effect]).toEqual(['TargetRejected', 'none']);
    expect(failure.message).toMatch(/session tickets from before its revocation list/);
    await endpoint.turn({ tickets: 'changed' });
    await operations.suspend(subjectWith(), await enlisted(), admin());
    await operations.endSessions(subjectWith(), held, {}, admin());
    expect(await count(held)).toBe(0);
  });
});

describe('connections that are open', () => {
  it('are served after the revocation, until they are closed and counted to zero', async () => {
    const [old, other] = [await enlisted(), await enlisted()];
    const [first, second, others] = [await open(old), await open(old), await open(other)];
    await operations.suspend(subjectWith(), old, admin());
    expect((await seen(old)).verdict.state).toBe('refused');
    expect([await greet(first), await greet(second)]).toEqual([
      expect.stringContaining(' 200 '),
      expect.stringContaining(' 200 '),
    ]);
    expect(await count(old)).toBe(2);
    expect((await operations.endSessions(subjectWith(), old, {}, admin())).count).toBe(2);
    expect([await count(old), await greet(first), await greet(others)]).toEqual([
      0,
      'closed',
      expect.stringContaining(' 200 '),
    ]);
  });

  it('of another identity are not closed', async () => {
    const foreign = await enlisted('somebody-else');
    const socket = await open(foreign);
    const failure = await failureOf(operations.endSessions(subjectWith(), foreign, {}, admin()));
    expect([failure.name, failure.effect]).toEqual(['InvalidInput', 'none']);
    expect(await greet(socket)).toContain(' 200 ');
  });
});

describe('clocks', () => {
  const HOUR_MS = 3_600_000;

  it('that are behind make a pair not valid yet: no refusal, it will be accepted', async () => {
    const held = await enlisted(OWNER, { notBefore: Date.now() + HOUR_MS });
    expect(await seen(held)).toMatchObject({
      verdict: { state: 'inconclusive' },
      rawCode: 'HTTP 401 certificate_not_yet_valid',
    });
  });

  it('that say a pair has run out refuse it, with a signal that does not show it to be dead', async () => {
    const held = await enlisted(OWNER, { notAfter: Date.now() - HOUR_MS });
    const { verdict } = await seen(held);
    expect(verdict).toEqual({ state: 'refused', signal: 'certificate_expired' });
    expect(connector.descriptor.refusalSignals).not.toContain('certificate_expired');
  });

  it('do not hide a revocation: what has run out and is on the list is refused as revoked', async () => {
    const held = await enlisted(OWNER, { notAfter: Date.now() - HOUR_MS });
    await operations.suspend(subjectWith(), held, admin());
    expect((await seen(held)).verdict).toEqual({ state: 'refused', signal: 'certificate_revoked' });
  });

  it.each([0, 300, 3_600])(
    'of consumers may be %i s behind: a pair is valid from that long before',
    async (seconds) => {
      const certificate = { commonName: OWNER, days: 30, backdateSeconds: seconds };
      const { material } = await operations.mint(subjectWith({ certificate }), new Material({}), admin());
      const read = new X509Certificate(material.reveal('certificate') ?? '');
      const [from, to] = [Date.parse(read.validFrom), Date.parse(read.validTo)];
      expect((to - from) / 1_000).toBe(30 * 86_400 + seconds);
    },
  );
});

describe('changes', () => {
  it('of two identities at once are both on the list', async () => {
    const names = ['one-a', 'one-b', 'one-c', 'one-d'];
    const all = await Promise.all(names.map(async (name) => ({ name, held: await enlisted(name) })));
    await Promise.all(
      all.map(async ({ name, held }) => operations.suspend(subjectWith({}, name), held, admin())),
    );
    const answers = await Promise.all(all.map(async ({ held }) => endpoint.whoami(held.material)));
    expect(answers).toEqual([401, 401, 401, 401]);
  });

  it('under a lower fence than the endpoint has seen for the identity are refused, and nothing happens', async () => {
    const [held, next] = [await enlisted('fenced'), await enlisted('fenced')];
    await operations.suspend(subjectWith({}, 'fenced'), held, admin({ fence: 9 }));
    const failure = await failureOf(operations.suspend(subjectWith({}, 'fenced'), next, admin({ fence: 8 })));
    expect([failure.name, failure.effect]).toEqual(['FenceLost', 'none']);
    expect(await endpoint.whoami(next.material)).toBe(200);
  });

  it('are taken back by apply, unless they were for good', async () => {
    const held = await enlisted();
    await operations.suspend(subjectWith(), held, admin());
    expect(await endpoint.whoami(held.material)).toBe(401);
    await operations.apply(subjectWith(), held, held.material, admin());
    expect(await endpoint.whoami(held.material)).toBe(200);
    await operations.revoke(subjectWith(), held, 'keepPrincipal', admin());
    const failure = await failureOf(operations.apply(subjectWith(), held, held.material, admin()));
    expect([failure.name, failure.effect]).toEqual(['TargetRejected', 'none']);
    expect(await endpoint.whoami(held.material)).toBe(401);
  });

  it('of a candidate that was never registered put it on the list all the same', async () => {
    const { remoteId, material } = await operations.mint(subjectWith(), new Material({}), admin());
    const candidate = { versionId: 'v2', remoteId, material };
    expect(await operations.suspend(subjectWith(), candidate, admin())).toMatchObject({ effect: 'applied' });
    await endpoint.turn({ register: { serial: remoteId, owner: OWNER } });
    expect(await endpoint.whoami(material)).toBe(401);
  });

  it('bring a new pair for the endpoint itself, which it shows from then on', async () => {
    const server = { names: ['127.0.0.1'] };
    const minted = await operations.mint(subjectWith({ server }), new Material({}), admin());
    const version = { versionId: 'v2', remoteId: minted.remoteId };
    const wanted = new X509Certificate(minted.material.reveal('serverCertificate') ?? '').fingerprint256;
    expect(await shownBy()).not.toBe(wanted);
    const apply = async () => operations.apply(subjectWith({ server }), version, minted.material, admin());
    expect([(await apply()).effect, (await apply()).effect]).toEqual(['applied', 'alreadySo']);
    expect(await shownBy()).toBe(wanted);
    expect(await endpoint.whoami(minted.material)).toBe(200);
  });
});

function otherAuthority() {
  const { certificate: caCertificate, key: caKey } = selfSigned(['Gapless test authority']);
  return { caCertificate, caKey };
}

describe('what stands in the way', () => {
  it.each([
    ['a token that may only look', { token: 'read' }, 'AdminRightsMissing'],
    ['no key of the authority', { caKey: '' }, 'AdminSecretMissing'],
    ['the key of another', { caKey: selfSigned(['x']).key }, 'AdminSecretMissing'],
    ['another authority', otherAuthority(), 'TargetRejected'],
  ])('is %s: found before anything changes', async (_what, changes: Record<string, string>, code) => {
    const tokens: Readonly<Record<string, string>> = endpoint.tokens;
    const { token } = changes;
    const fields = token === undefined ? changes : { token: tokens[token] ?? '' };
    const call = admin();
    const preflight = operations.preflight(subjectWith(), await enlisted(), {
      ...call,
      authority: call.authority.with(fields),
    });
    const failure = await failureOf(preflight);
    expect([failure.name, failure.effect]).toEqual([code, 'none']);
  });

  it('is a list of another authority: it is not built upon', async () => {
    const other = selfSigned(['Gapless test authority']);
    const crl = writeCrl(authorityOf(other.certificate, other.key), { number: 7n, revoked: [] }, Date.now());
    const own = await startMtlsEndpoint();
    try {
      const { certificate: caCertificate, key: caKey } = own.authority.pem;
      const call = callAs(new Material({ token: own.tokens.write, caCertificate, caKey }));
      const subject = { ...subjectWith(), target: own.target(OWNER) };
      await own.enlist(OWNER);
      await own.turn({ crl });
      const failure = await failureOf(operations.list(subject, call));
      expect([failure.name, failure.effect]).toEqual(['TargetRejected', 'none']);
      expect(failure.message).toMatch(/did not sign it/);
    } finally {
      await own.stop();
    }
  });
});

async function shownBy(): Promise<string | undefined> {
  const socket = await client({});
  return socket.getPeerX509Certificate()?.fingerprint256;
}

/** A connection that has asked nothing yet. */
async function client(options: object): Promise<TLSSocket> {
  const ca = endpoint.authority.pem.certificate;
  const socket = connect({ host: '127.0.0.1', port: endpoint.ports.traffic, ca, servername: '', ...options });
  sockets.push(socket);
  await once(socket, 'secureConnect');
  return socket;
}

function pairOf({ material }: Held, version: (typeof both)[number]) {
  const [cert, key] = [material.reveal('certificate'), material.reveal('key')];
  return { cert, key, minVersion: version, maxVersion: version };
}

/** The session a client could resume later: in TLS 1.3 it comes behind the handshake. */
async function ticketOf(held: Held, version: (typeof both)[number]): Promise<Buffer> {
  const ca = endpoint.authority.pem.certificate;
  const options = { host: '127.0.0.1', port: endpoint.ports.traffic, ca, servername: '' };
  const socket = connect({ ...options, ...pairOf(held, version) });
  sockets.push(socket);
  const session = new Promise<Buffer>((resolve) => socket.once('session', resolve));
  await once(socket, 'secureConnect');
  await greet(socket);
  return session;
}

async function resumed(held: Held, session: Buffer, version: (typeof both)[number]) {
  const socket = await client({ ...pairOf(held, version), session });
  const reused = socket.isSessionReused();
  return { reused, status: /^HTTP\/1\.1 (\d+)/.exec(await greet(socket))?.[1] ?? 'closed' };
}
