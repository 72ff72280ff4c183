import type { IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { TlsOptions } from 'node:tls';
import { TLSSocket } from 'node:tls';
import { connector } from '../../connectors/mtls-certificate';
import { Material } from '../../core/material';
import { listenOnLoopback } from '../support/loopback';
import { materialOf, type MtlsEndpoint, startMtlsEndpoint } from '../../apps/local/target/mtls/start';
import { callAs } from '../support/postgres';

// Edges before or beside the endpoint: real TLS servers with the endpoint's authority that answer in their own way.

interface Said {
  readonly status: number;
  readonly body: object;
}

let endpoint: MtlsEndpoint;
const servers: Server[] = [];
beforeAll(async () => {
  endpoint = await startMtlsEndpoint();
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
afterAll(async () => endpoint.stop());

async function edge(answer: (socket: TLSSocket) => Said, options: TlsOptions = {}): Promise<string> {
  const shown = endpoint.issue('edge', { use: 'server', names: ['127.0.0.1'] });
  const { certificate: ca } = endpoint.authority.pem;
  const own = { cert: shown.certificate, key: shown.key, ca, requestCert: true, rejectUnauthorized: false };
  const server = createServer({ ...own, ...options }, ({ socket }: IncomingMessage, response) => {
    const { status, body } = socket instanceof TLSSocket ? answer(socket) : { status: 500, body: {} };
    response.writeHead(status, { connection: 'close' }).end(JSON.stringify(body));
  });
  servers.push(server);
  return `127.0.0.1:${await listenOnLoopback(server)}`;
}

const serialOf = (socket: TLSSocket) => socket.getPeerX509Certificate()?.serialNumber.toLowerCase() ?? '';
const ok = (socket: TLSSocket): Said => ({ status: 200, body: { serial: serialOf(socket) } });
const revoked = (socket: TLSSocket): Said => ({
  status: 401,
  body: { serial: serialOf(socket), error: 'certificate_revoked' },
});

async function seen(address: string, changes: object = {}) {
  const pair = endpoint.issue('billing');
  const target = { ...endpoint.target('billing'), ...changes };
  const subject = { identityId: 'billing', strategy: 'side-by-side', target };
  const version = { versionId: 'v1', remoteId: pair.serial };
  const path = { id: 'edge', address };
  return connector.probe.observe(subject, version, materialOf(pair), path, callAs(new Material({})));
}

it('a path is an edge of its own: its answer counts, not the endpoint’s', async () => {
  expect(await seen(await edge(ok))).toMatchObject({ verdict: { state: 'accepted' }, rawCode: 'HTTP 200' });
  expect(await seen(await edge(revoked))).toMatchObject({ verdict: { state: 'refused' } });
});

it('what one version takes and another refuses is neither dead nor working', async () => {
  const address = await edge((socket) => (socket.getProtocol() === 'TLSv1.2' ? revoked : ok)(socket));
  expect(await seen(address)).toMatchObject({
    verdict: {
      state: 'inconclusive',
      cause: 'not the same over every version: refused over TLSv1.2, accepted over TLSv1.3',
    },
    rawCode: 'TLSv1.2 HTTP 401 certificate_revoked; TLSv1.3 HTTP 200',
  });
});

it('a version the endpoint does not speak proves nothing, and is left out by the policy', async () => {
  const address = await edge(revoked, { minVersion: 'TLSv1.3' });
  expect((await seen(address)).verdict.state).toBe('inconclusive');
  expect((await seen(address, { versions: ['TLSv1.3'] })).verdict.state).toBe('refused');
});

it.each([
  ['of another certificate', { serial: '4000', error: 'certificate_revoked' }],
  ['that names none', { error: 'certificate_revoked' }],
  ['with a reason that is not in the table', { error: 'tired' }],
])('a refusal %s proves nothing', async (_what, body) => {
  expect((await seen(await edge(() => ({ status: 401, body })))).verdict.state).toBe('inconclusive');
});

it('a server that just closes, as Node’s does by default, cannot be told from a broken network', async () => {
  const address = await edge(ok, { ca: [], rejectUnauthorized: true });
  expect((await seen(address)).verdict.state).toBe('inconclusive');
});

it.each(['169.254.169.254:443', '[fd00:ec2::254]:443'])('nothing is sent to %s', async (address) => {
  expect(await seen(address)).toMatchObject({
    verdict: { state: 'inconclusive' },
    rawCode: 'ADDRESS_NOT_ALLOWED',
  });
});

it('nothing is sent to a private address that the policy does not allow', async () => {
  expect(await seen(await edge(ok), { allowPrivate: false })).toMatchObject({
    rawCode: 'ADDRESS_NOT_ALLOWED',
  });
});
