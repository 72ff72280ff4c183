import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import { publish } from '../../apps/cli/connection';
import { deploymentOf } from '../../apps/cli/deployment';
import { leafHash } from '../../core/evidence/chain';
import { stackNames } from '../../lib/app';
import { gapless, projectFolder, removeProject } from '../support/cli';
import { gaplessCloud, type GaplessCloud } from '../support/gapless-cloud';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { seedIdentity, type SeededIdentity } from '../support/postgres-identity';

const SEALED = 'sealed-run';
const LATER = 'later-run';

let server: TestPostgres;
let identity: SeededIdentity;
let cloud: GaplessCloud;
/** Where an engine can be found, and an auditor's own, where none can. */
let project: string;
let auditor: string;
let pins: readonly string[];

beforeAll(async () => {
  server = await testPostgres();
  identity = await seedIdentity(server, { id: 'sealed-db', strategy: 'in-place' });
  cloud = await gaplessCloud([identity]);
  project = projectFolder();
  auditor = projectFolder();
  publish(project, deploymentOf(cloud.engine, stackNames));
  await rotated(SEALED);
  // Two of its schedule's minutes: one may have been under way while the run closed.
  await cloud.engine.advance(120_000);
  const key = join(auditor, 'ledger.pem');
  const told = await gapless(['evidence', 'key', '--out', key, '--json'], project);
  const { origin } = z.object({ origin: z.string() }).parse(JSON.parse(told.stdout));
  pins = ['--origin', origin, '--key', key];
}, 180_000);
afterAll(async () => {
  await cloud.remove();
  await server.stop();
  await Promise.all([project, auditor].map(removeProject));
});

async function rotated(runId: string): Promise<void> {
  await cloud.start('Rotation', runId, { identityId: identity.id, reason: 'a test' });
  expect(await cloud.ended('Rotation', runId)).toMatchObject({ status: 'SUCCEEDED' });
}

const bundle = () => join(auditor, 'bundle');
const exported = (out: string, ...scope: readonly string[]) =>
  gapless(['evidence', 'export', '--format', 'bundle', '--out', out, ...scope], project);
const verified = (folder: string, ...flags: readonly string[]) =>
  gapless(['evidence', 'verify', '--bundle', folder, ...pins, ...flags], auditor);
const verifiedLive = (...flags: readonly string[]) =>
  gapless(['evidence', 'verify', ...flags, ...pins, '--json'], project);

const manifest = z.object({ files: z.array(z.object({ path: z.string() })) });

function tileOf(folder: string): string {
  const { files } = manifest.parse(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')));
  return files.find(({ path }) => path.startsWith('tile/'))?.path ?? 'no tile';
}

/** A copy of a bundle with one bit of one of its files turned. */
function tampered(file: string): string {
  const copy = join(auditor, `tampered-${file.replaceAll('/', '-')}`);
  cpSync(bundle(), copy, { recursive: true });
  const bytes = readFileSync(join(copy, file));
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  writeFileSync(join(copy, file), bytes);
  return copy;
}

describe('a rotation that a schedule sealed', () => {
  it('is verified offline from its bundle, the pinned origin and the pinned key alone', async () => {
    expect(await exported(bundle())).toMatchObject({ code: 0 });
    const text = await verified(bundle());
    expect(text.stdout).toMatch(/^verified: 13 of 13 sealed records .* 1 runs closed, 0 open/);
    expect(text.code).toBe(0);
    const { code, stdout } = await verified(bundle(), '--json');
    expect(JSON.parse(stdout)).toMatchObject({ verified: true, size: 13, records: 13, unsealed: 0 });
    expect(code).toBe(0);
  }, 60_000);

  it('breaks where one bit of a record, a leaf list, a tile or a checkpoint is turned, by exit code 7', async () => {
    const parts = [
      ['records/000000000000.jsonl', /^leaves\/0+ leaf \d+ \(\w+#sealed-run seq \d+\)/],
      ['leaves/000000000000', /^leaves\/0+/],
      [tileOf(bundle()), /^tile\/0\//],
      ['checkpoint/000000000013', /^checkpoint\/0+13/],
    ] as const;
    for (const [file, place] of parts) {
      const { code, stdout } = await verified(tampered(file));
      expect([file, code]).toEqual([file, 7]);
      expect(stdout).toMatch(/^broken at .*: expected .+, found .+/);
      expect(stdout.replace('broken at ', '')).toMatch(place);
    }
  }, 60_000);

  it('is not verified from another origin or key, and not at all without pins', async () => {
    const [, origin = '', , key = ''] = pins;
    const flags = ['evidence', 'verify', '--bundle', bundle()];
    const other = await gapless([...flags, '--origin', `${origin}-other`, '--key', key], auditor);
    expect(other).toMatchObject({ code: 7, stdout: expect.stringContaining(`found origin ${origin}`) });
    expect(await gapless(flags, auditor)).toMatchObject({ code: 2, stdout: '' });
  }, 60_000);

  it('is verified in its own stores as a run, a period and a whole ledger', async () => {
    for (const scope of [[SEALED], ['--since', '1d'], ['--all']]) {
      const { code, stdout } = await verifiedLive(...scope);
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ verified: true, size: 13, runsClosed: 1, unsealed: 0 });
    }
  }, 60_000);
});

describe('what came after the last checkpoint', () => {
  beforeAll(async () => {
    cloud.faults.at = async (point) =>
      point.boundary === 'lambda' && point.functionName.includes('gapless-seal') && point.phase === 'before'
        ? { do: 'kill' }
        : undefined;
    await rotated(LATER);
  }, 60_000);

  it('is counted as unsealed, and never as verified', async () => {
    const all = await verifiedLive('--all');
    expect(JSON.parse(all.stdout)).toMatchObject({ verified: true, size: 13, records: 13, unsealed: 13 });
    const later = await verifiedLive(LATER);
    expect(later.code).toBe(4);
    expect(JSON.parse(later.stdout)).toMatchObject({ verified: false, records: 0, unsealed: 13 });
  }, 60_000);

  it('is sealed by the next look, once somebody looks again', async () => {
    cloud.faults.at = async () => undefined;
    await cloud.engine.advance(240_000);
    const { stdout } = await verifiedLive(LATER);
    expect(JSON.parse(stdout)).toMatchObject({ verified: true, size: 26, records: 13, unsealed: 0 });
  }, 60_000);
});

it('a sealed record that somebody overwrites and hashes again is found, and named', async () => {
  const { endpoint, region, credentials } = cloud.engine;
  const dynamodb = new DynamoDBClient({ endpoint, region, credentials });
  const TableName = deploymentOf(cloud.engine, stackNames).evidenceTable;
  const Key = { pk: { S: `RUN#${SEALED}` }, sk: { S: 'R#000003' } };
  const { Item = {} } = await dynamodb.send(new GetItemCommand({ TableName, Key }));
  const body = (Item['body']?.S ?? '').replace('"gapless-', '"gapless_');
  expect(body).not.toBe(Item['body']?.S);
  const forged = { ...Item, body: { S: body }, h: { S: leafHash(body) } };
  await dynamodb.send(new PutItemCommand({ TableName, Item: forged }));
  dynamodb.destroy();
  const { code, stdout } = await verifiedLive('--all');
  expect(code).toBe(7);
  expect(JSON.parse(stdout)).toMatchObject({
    verified: false,
    first: { position: { chain: 'RUN', runId: SEALED, seq: 3 } },
  });
}, 60_000);
