import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import { publish } from '../../apps/cli/connection';
import { deploymentOf } from '../../apps/cli/deployment';
import { S3Client } from '@aws-sdk/client-s3';
import { S3SealedStore } from '../../adapters/aws/sealed-store';
import { spillIn } from '../../core/evidence/spill';
import type { FaultPoint } from '../../apps/local/faults';
import { verifyStoredRun } from '../../core/evidence/verify';
import { stackNames } from '../../lib/app';
import { filesOf, leaks } from '../support/canary-scan';
import { gapless, projectFolder, removeProject } from '../support/cli';
import { gaplessCloud, type GaplessCloud } from '../support/gapless-cloud';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { seedIdentity, type SeededIdentity } from '../support/postgres-identity';
import { alive, livingViolations } from '../support/revocation-oracle';

const RUN = 'the-emergency';
/** Long enough to be found at any base64 offset, and different in every escaped form. */
const MARKER = 'canary"7/%+&=q8Zk?~-';

let server: TestPostgres;
let identity: SeededIdentity;
let cloud: GaplessCloud;
let project: string;

beforeAll(async () => {
  server = await testPostgres();
  identity = await seedIdentity(server, { id: 'degraded-db', strategy: 'alternating', marker: MARKER });
  cloud = await gaplessCloud([identity]);
  project = projectFolder();
  publish(project, deploymentOf(cloud.engine, stackNames));
}, 180_000);
afterAll(async () => {
  await cloud.remove();
  await server.stop();
  await removeProject(project);
});

/** The evidence table takes no record of anybody; every other table is as it was. */
async function takesNothing(point: FaultPoint) {
  const { EvidenceTable } = cloud.engine.outputs(stackNames.evidence);
  if (point.boundary !== 'service' || point.phase !== 'before' || point.action !== 'PutItem')
    return undefined;
  if (point.input?.['TableName'] !== EvidenceTable) return undefined;
  return { do: 'fail', error: 'InternalServerError', message: 'not now' } as const;
}

const json = async (...args: readonly string[]) => {
  const { code, stdout } = await gapless([...args, '--json'], project);
  return { code, told: JSON.parse(stdout) as unknown };
};

it('an emergency goes on behind the wire protocols while the evidence table takes nothing', async () => {
  cloud.faults.at = takesNothing;
  await cloud.start('Revocation', RUN, { identityId: identity.id, reason: 'a key was found' });
  expect(await cloud.ended('Revocation', RUN)).toMatchObject({ status: 'SUCCEEDED' });
  expect(await alive(cloud, server, identity)).toEqual([]);
  expect(await cloud.evidence.read('RUN', RUN)).toEqual([]);
}, 120_000);

it('is told by every command as what it is: proven, and its evidence not complete', async () => {
  expect(await json('obligations')).toMatchObject({ code: 4, told: { evidenceWaiting: [{ runId: RUN }] } });
  const runs = [{ runId: RUN, outcome: 'verified', evidence: 'waiting' }];
  expect(await json('runs', '--identity', identity.id)).toMatchObject({ told: { runs } });
  const listed = await gapless(['runs', '--identity', identity.id], project);
  expect(listed.stdout).toContain('verified, EVIDENCE_DEGRADED');
  expect(await json('evidence', 'verify', RUN)).toMatchObject({ code: 4, told: { verified: false } });
  const shown = await gapless(['evidence', 'show', RUN], project);
  expect(shown.stdout).toContain(`EVIDENCE_DEGRADED ${RUN}`);
}, 60_000);

it('is listed as a run whose records wait, found complete, and not called broken', async () => {
  const waiting = (await kept()).length;
  expect(await json('evidence', 'list', '--identity', identity.id)).toMatchObject({
    code: 4,
    told: {
      runs: [{ runId: RUN, outcome: 'verified', records: waiting, waiting, wrong: [] }],
      complete: true,
      census: { state: 'matches', ledger: 1, index: 1, unsealed: 1, waiting: 1 },
    },
  });
}, 60_000);

it('is exported as unsealed: the bundle has its records, says that they wait, and verifies none of them', async () => {
  const waiting = await kept();
  const out = path.join(project, 'degraded');
  expect(await json('evidence', 'export', '--format', 'bundle', '--out', out)).toMatchObject({
    code: 4,
    told: { evidenceWaiting: [{ runId: RUN, count: waiting.length }] },
  });
  const lines = readFileSync(path.join(out, 'unsealed.jsonl'), 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
    expect.arrayContaining(waiting.map(({ record }) => record)),
  );
  const pem = path.join(project, 'ledger.pem');
  const { told } = await json('evidence', 'key', '--out', pem);
  const { origin } = z.object({ origin: z.string() }).parse(told);
  const pins = ['--origin', origin, '--key', pem];
  expect(await json('evidence', 'verify', '--bundle', out, ...pins)).toMatchObject({
    code: 4,
    told: { verified: false, records: 0, unsealed: waiting.length },
  });
  expect(await json('evidence', 'verify', '--all', ...pins)).toMatchObject({
    code: 4,
    told: { unsealed: waiting.length, evidenceWaiting: [{ runId: RUN, count: waiting.length }] },
  });
}, 60_000);

it('holds no secret in the spill', async () => {
  const secrets = new Map([['the marker', MARKER]]);
  expect(leaks(filesOf(cloud.dataDir, ['secrets']), secrets)).toEqual([]);
  expect(leaks(filesOf(cloud.dataDir), secrets)).not.toEqual([]);
});

it('gets its records delivered and sealed once the table takes them, and says for good that they came late', async () => {
  const before = await kept();
  expect(before.length).toBeGreaterThan(5);
  cloud.faults.at = async () => undefined;
  await cloud.engine.advance(120_000);
  await cloud.untilSettled([identity.id], 30);
  await cloud.engine.advance(120_000);
  expect((await kept()).map(({ state }) => state)).toEqual(before.map(() => 'delivered'));
  expect(await livingViolations(cloud, server, identity)).toEqual([]);
  const check = await verifyStoredRun(cloud.evidence, RUN);
  expect(check).toMatchObject({ state: 'verified', closed: 'yes' });
  const last = check.state === 'verified' ? check.run.at(-1) : undefined;
  expect(last).toMatchObject({
    outcome: 'verified',
    degraded: { code: 'EVIDENCE_DEGRADED', spilled: before.length },
  });
  expect(await cloud.registry.summary(RUN)).toMatchObject({ outcome: 'verified', evidence: 'arrived' });
  expect(await json('obligations')).toMatchObject({ told: { evidenceWaiting: [] } });
  expect(await json('evidence', 'verify', RUN)).toMatchObject({ code: 0, told: { verified: true } });
}, 180_000);

async function kept() {
  const { endpoint, region, credentials } = cloud.engine;
  const s3 = new S3Client({ endpoint, region, credentials });
  const bucket = cloud.engine.outputs(stackNames.evidence)['ListsBucket'] ?? '';
  return spillIn(new S3SealedStore(s3, bucket))
    .of(RUN)
    .finally(() => s3.destroy());
}
