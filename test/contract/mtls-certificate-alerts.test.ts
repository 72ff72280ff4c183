import { randomBytes } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { connector } from '../../connectors/mtls-certificate';
import { issuePair, issuerOf, type Pair } from '../../connectors/mtls-certificate/x509/certificate';
import { writeCrl } from '../../connectors/mtls-certificate/x509/crl';
import { authorityOf } from '../../connectors/mtls-certificate/x509/authority';
import { Material } from '../../core/material';
import { selfSigned } from '../../apps/local/target/mtls/self-signed';
import { listenOnLoopback } from '../support/loopback';
import { materialOf } from '../../apps/local/target/mtls/start';
import { callAs, reconfigure, type TestPostgres, testPostgres } from '../support/postgres';

// PostgreSQL's server is OpenSSL with a revocation list: unlike Node's it answers certificates with alerts. Behind the
// few bytes of its protocol that ask for TLS, it is as good a TLS endpoint as any.

const DAY_MS = 86_400_000;
/** SSLRequest of the frontend/backend protocol; the server answers `S` and goes on in TLS. */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

const own = selfSigned(['an authority']);
const authority = authorityOf(own.certificate, own.key);
const [shown, good, revoked, expired, early] = [
  issued({ use: 'server', names: ['127.0.0.1'] }),
  issued(),
  issued(),
  issued({ notAfter: Date.now() - DAY_MS }),
  issued({ notBefore: Date.now() + DAY_MS / 2 }),
];

let server: TestPostgres;
let door: Server;
let port: number;
beforeAll(async () => {
  server = await testPostgres();
  const list = [{ serial: revoked.serial, at: Date.now(), reason: 'hold' }] as const;
  await put({
    'server.crt': shown.certificate,
    'server.key': shown.key,
    'root.crt': own.certificate,
    'root.crl': writeCrl(authority, { number: 1n, revoked: list }, Date.now() - DAY_MS),
  });
  await reconfigure(server, [], { ssl: 'on', ssl_ca_file: 'root.crt', ssl_crl_file: 'root.crl' });
  door = createServer((socket) => intoTls(socket));
  port = await listenOnLoopback(door);
}, 120_000);
afterAll(async () => {
  door.close();
  await server.stop();
});

function issued(changes: object = {}): Pair {
  const [notBefore, notAfter] = [Date.now() - 2 * DAY_MS, Date.now() + DAY_MS];
  const profile = { commonName: 'billing', names: [], use: 'client', notBefore, notAfter } as const;
  return issuePair(issuerOf(authority), { ...profile, serial: randomBytes(16), ...changes });
}

/** Puts files where the server looks for them, as the server's own account. */
async function put(files: Readonly<Record<string, string>>): Promise<void> {
  const cluster = path.join(server.dataDir, 'cluster');
  const { uid, gid } = await fs.stat(cluster);
  for (const [name, text] of Object.entries(files)) {
    await fs.writeFile(path.join(cluster, name), text, { mode: 0o600 });
    await fs.chown(path.join(cluster, name), uid, gid);
  }
}

function intoTls(client: Socket): void {
  const inner = connect(server.port, '127.0.0.1');
  for (const socket of [client, inner]) socket.on('error', () => undefined);
  client.once('close', () => inner.destroy());
  inner.write(sslRequest);
  inner.once('data', () => {
    client.pipe(inner);
    inner.pipe(client);
  });
}

async function seen(material: Material, versions: readonly string[], alerts?: readonly string[]) {
  const target = {
    host: '127.0.0.1',
    port,
    trust: own.certificate,
    api: 'https://127.0.0.1:1',
    allowPrivate: true,
    versions,
    certificate: { commonName: 'billing' },
    ...(alerts && { probe: { alerts } }),
  };
  const subject = { identityId: 'billing', strategy: 'side-by-side', target };
  const call = callAs(new Material({}));
  const version = { versionId: 'v1', remoteId: 'any' };
  const { verdict, rawCode } = await connector.probe.observe(
    subject,
    version,
    material,
    { id: 'direct' },
    call,
  );
  return `${verdict.state}${verdict.state === 'refused' ? ` ${verdict.signal}` : ''}: ${rawCode}`;
}

const both = ['TLSv1.3', 'TLSv1.2'];

it.each([
  ['a revoked pair', revoked, ['TLSv1.3'], 'refused certificate_revoked: alert certificate_revoked'],
  ['a revoked pair', revoked, both, 'refused certificate_revoked: alert certificate_revoked'],
  ['one that has run out', expired, both, 'refused certificate_expired: alert certificate_expired'],
  ['one that is not valid yet', early, both, 'inconclusive: alert bad_certificate'],
] as const)('%s is answered %#', async (_what, pair, versions, expected) => {
  expect(await seen(materialOf(pair), versions)).toBe(expected);
});

it('an alert of TLS 1.2 alone proves nothing: it comes in the clear, from whoever is on the way', async () => {
  expect(await seen(materialOf(revoked), ['TLSv1.2'])).toBe('inconclusive: alert certificate_revoked');
});

it('a pair of another authority with the same names is refused', async () => {
  const random = connector.probe.randomLike(materialOf(good), callAs(new Material({})));
  expect(await seen(random, both)).toMatch(/^refused (unknown_ca|decrypt_error): alert/);
});

it('a pair that the endpoint takes, and no answer in HTTP behind it, is no acceptance', async () => {
  expect(await seen(materialOf(good), both)).toMatch(/^inconclusive: (?!alert)/);
});

it('what bad_certificate means is for the policy to say', async () => {
  expect(await seen(materialOf(early), ['TLSv1.3'], ['bad_certificate'])).toBe(
    'refused bad_certificate: alert bad_certificate',
  );
});
