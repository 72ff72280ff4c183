import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { dynamoLedgerIndex } from '../../adapters/aws/ledger-index';
import { S3SealedStore } from '../../adapters/aws/sealed-store';
import { KmsSigner } from '../../adapters/aws/signer';
import { deploymentOf } from '../../apps/cli/deployment';
import type { FaultPhase, FaultPoint } from '../../apps/local/faults';
import { append } from '../../core/evidence/append';
import { GENESIS } from '../../core/evidence/chain';
import { pinnedKey } from '../../core/ledger/signed';
import { storeSource } from '../../core/ledger/store-source';
import { verifyLedger } from '../../core/ledger/verify';
import { closing } from '../../core/run/closing';
import { stackNames } from '../../lib/app';
import { chainOf, factsOf, opened, START } from '../support/chains';
import { gaplessCloud, type GaplessCloud } from '../support/gapless-cloud';

/** The sealer's own function on the engine, killed at its calls to DynamoDB, S3 and KMS: at every `STRIDE`th. */
const STRIDE = Number(process.env['GAPLESS_FAULT_STRIDE'] ?? '1');
const SEALER = 'gapless-seal';

let cloud: GaplessCloud;
beforeAll(async () => {
  cloud = await gaplessCloud([]);
}, 120_000);
afterAll(async () => cloud.remove());

const isSealers = (point: FaultPoint, phase: FaultPhase) =>
  point.boundary === 'service' && point.phase === phase && point.caller.includes(SEALER);

const begun = opened();
const ended = {
  stage: 'CloseFailed',
  statement: closing(factsOf(chainOf('RUN', [begun]), []), undefined, []),
};
let written = 0;

/** A run of two records, closed. */
async function write(runId: string): Promise<void> {
  const ledgerId = deploymentOf(cloud.engine, stackNames).ledger.id;
  const marker = { identityId: 'orders-db', kind: 'rotation', executionArn: 'none', adoptions: 0 } as const;
  await cloud.registry.openRun({
    ...marker,
    runId,
    openedAt: new Date(cloud.engine.clock.now()).toISOString(),
  });
  const actor = { type: 'person', id: 'tester', assurance: 'claimed' } as const;
  const code = { functionName: 'test', version: '1', bundle: 'none' };
  const stamp = { ledgerId, runId, fence: 1, actor, code, controls: [] };
  let head = GENESIS;
  for (const { stage, statement } of [begun, ended]) {
    const entry = { chain: 'RUN', head, item: stage, at: START, statement } as const;
    ({ head } = await append(cloud.evidence, { ...stamp, stage }, entry));
    written += 1;
  }
  await cloud.registry.forgetRun(runId);
}

/** What the sealer calls, in order, when nothing happens to it. */
async function callsOfOneLook(): Promise<readonly string[]> {
  const calls: string[] = [];
  cloud.faults.at = async (point) => {
    if (isSealers(point, 'before') && point.boundary === 'service')
      calls.push(`${point.service}:${point.action}`);
    return undefined;
  };
  await write('counted');
  await cloud.engine.lambda.invoke(SEALER, {});
  return calls;
}

/** @returns where it was killed, or `none` when it ended before that call */
async function killedAt(call: number, phase: FaultPhase): Promise<string> {
  let met = -1;
  let where = 'none';
  cloud.faults.at = async (point) => {
    if (!isSealers(point, phase) || point.boundary !== 'service') return undefined;
    met += 1;
    if (met !== call) return undefined;
    where = `${point.service}:${point.action}`;
    return { do: 'kill' };
  };
  await cloud.engine.lambda.invoke(SEALER, {});
  cloud.faults.at = async () => undefined;
  // The claim of the dead one lapses, and the schedule starts another.
  await cloud.engine.advance(120_000);
  return where;
}

async function verified() {
  const { endpoint, region, credentials } = cloud.engine;
  const config = { endpoint, region, credentials };
  const { ledger, registryTable } = deploymentOf(cloud.engine, stackNames);
  const [dynamodb, s3, kms] = [new DynamoDBClient(config), new S3Client(config), new KMSClient(config)];
  const sealed = new S3SealedStore(s3, ledger.bucket);
  const only = (prefix: string) => sealed.versions(prefix === '' ? 'checkpoint/' : prefix);
  const index = dynamoLedgerIndex(dynamodb, registryTable);
  const objects = { get: (key: string) => sealed.get(key), versions: only };
  const key = pinnedKey(await new KmsSigner(kms, ledger.signingKey).publicKey());
  const trusted = { origin: ledger.id, key, scope: { kind: 'ledger' }, copies: [], known: [] } as const;
  const source = storeSource({ sealed: objects, evidence: cloud.evidence, index });
  const check = await verifyLedger(source, { ...trusted, witness: undefined });
  for (const each of [dynamodb, s3, kms]) each.destroy();
  return check;
}

it('a sealer killed at its calls to DynamoDB, S3 and KMS leaves a ledger with every record in it, once', async () => {
  const calls = await callsOfOneLook();
  expect(new Set(calls.map((call) => call.split(':')[0]))).toEqual(new Set(['dynamodb', 's3', 'kms']));
  const killed: string[] = [];
  // Markers lie in 16 shards; one look at one of them stands for the others.
  const at = [...calls.keys()].filter((call) => call === 0 || calls[call] !== 'dynamodb:Query');
  for (const call of at.filter((_, n) => n % STRIDE === 0)) {
    for (const phase of ['before', 'after'] as const) {
      await write(`killed-${phase}-${call}`);
      killed.push(await killedAt(call, phase));
    }
  }
  const points = killed.filter((where) => where !== 'none');
  process.stdout.write(
    `sealer on the engine: ${calls.length} service calls a look, killed at ${points.length} points: ${[...new Set(points)].join(', ')}\n`,
  );
  expect(points.length).toBeGreaterThan(killed.length / 2);
  expect(await verified()).toMatchObject({ state: 'verified', size: written, records: written, unsealed: 0 });
}, 600_000);
