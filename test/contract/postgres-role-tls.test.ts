import { promises as fs } from 'node:fs';
import path from 'node:path';
import { connector } from '../../connectors/postgres-role';
import { selfSigned } from '../../apps/local/target/mtls/self-signed';
import {
  callAs,
  reconfigure,
  type SeededTarget,
  seedTarget,
  type TestPostgres,
  testPostgres,
} from '../support/postgres';

const own = selfSigned(['127.0.0.1', 'localhost']);
const other = selfSigned(['127.0.0.1', 'localhost']);
let server: TestPostgres;
let target: SeededTarget;

beforeAll(async () => {
  server = await testPostgres();
  await present(server, own.certificate, own.key);
  await reconfigure(server, ['hostnossl tlsonly all 127.0.0.1/32 reject'], { ssl: 'on' });
  target = await seedTarget(server, 'tlsonly', 'in-place');
});
afterAll(() => server.stop());

/** Puts certificate and key where the server looks for them, as the files of the server's own account. */
async function present(to: TestPostgres, certificate: string, key: string): Promise<void> {
  const cluster = path.join(to.dataDir, 'cluster');
  const { uid, gid } = await fs.stat(cluster);
  for (const [name, text] of [
    ['server.crt', certificate],
    ['server.key', key],
  ] as const) {
    const file = path.join(cluster, name);
    await fs.writeFile(file, text, { mode: 0o600 });
    await fs.chown(file, uid, gid);
  }
}

async function login(tls: object, host = '127.0.0.1'): Promise<string> {
  const document = { host, port: server.port, database: 'tlsonly', tls, roles: target.roles };
  const subject = { identityId: 'tlsonly', strategy: 'in-place', target: document };
  const version = { versionId: 'v1', remoteId: target.roles[0] ?? '' };
  const seen = await connector.probe.observe(
    subject,
    version,
    target.current,
    { id: 'direct' },
    callAs(target.control),
  );
  return `${seen.verdict.state} ${seen.rawCode}`;
}

it.each([
  ['require takes any certificate', { mode: 'require' }, '127.0.0.1', 'accepted 00000'],
  [
    'verify-full takes the one of its CA, by address',
    { mode: 'verify-full', ca: own.certificate },
    '127.0.0.1',
    'accepted 00000',
  ],
  [
    'verify-full takes the one of its CA, by name',
    { mode: 'verify-full', ca: own.certificate },
    'localhost',
    'accepted 00000',
  ],
  [
    'verify-full refuses another CA',
    { mode: 'verify-full', ca: other.certificate },
    '127.0.0.1',
    'inconclusive DEPTH_ZERO_SELF_SIGNED_CERT',
  ],
  [
    'verify-full without a CA trusts only the public ones',
    { mode: 'verify-full' },
    '127.0.0.1',
    'inconclusive DEPTH_ZERO_SELF_SIGNED_CERT',
  ],
  [
    'disable is not upgraded, and the server turns it away',
    { mode: 'disable' },
    '127.0.0.1',
    'inconclusive 28000',
  ],
])('%s', async (_claim, tls, host, seen) => {
  expect(await login(tls, host)).toBe(seen);
});

it('verify-full refuses a certificate for another name', async () => {
  const elsewhere = selfSigned(['db.example.com']);
  await present(server, elsewhere.certificate, elsewhere.key);
  await reconfigure(server, []);
  expect(await login({ mode: 'verify-full', ca: elsewhere.certificate })).toBe(
    'inconclusive ERR_TLS_CERT_ALTNAME_INVALID',
  );
  expect(await login({ mode: 'verify-full', ca: elsewhere.certificate }, 'localhost')).toBe(
    'inconclusive ERR_TLS_CERT_ALTNAME_INVALID',
  );
  expect(await login({ mode: 'require' })).toBe('accepted 00000');
});

it('changes are made over TLS too', async () => {
  const document = { host: '127.0.0.1', port: server.port, database: 'tlsonly', roles: target.roles };
  const tls = { mode: 'verify-full', ca: own.certificate };
  const subject = { identityId: 'tlsonly', strategy: 'in-place', target: { ...document, tls } };
  await present(server, own.certificate, own.key);
  await reconfigure(server, []);
  await connector.operations.preflight(subject, undefined, callAs(target.admin));
});
