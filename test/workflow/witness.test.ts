import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { S3SealedStore } from '../../adapters/aws/sealed-store';
import { KmsSigner } from '../../adapters/aws/signer';
import { startEngine, type Engine } from '../../apps/local/engine';
import { openStatement } from '../../core/ledger/witness-statement';
import { pinnedKey } from '../../core/ledger/signed';
import { Material } from '../../core/material';
import { stackNames, WITNESS_STACK } from '../../lib/app';
import type { WitnessContext } from '../../lib/context';
import { synthesise } from '../../apps/local/synth/synthesise';
import { unreachedPolicy } from '../support/unreached-policy';

// The SDK's notice about Node 20 is not what these tests are about.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

// It waits for an approval, so it opens a run and touches no target.
const policy = { ...unreachedPolicy('orders-db'), approval: { rotation: 'required' } };
const folder = mkdtempSync(path.join(os.tmpdir(), 'gapless-witnessed-'));
let engine: Engine;
let pinned: WitnessContext;

/** Both accounts are one here: what keeps them apart is rights, and the engine holds every role to its own. */
async function deployed(witness?: WitnessContext): Promise<Engine> {
  const policiesDir = path.join(folder, 'policies');
  mkdirSync(policiesDir, { recursive: true });
  writeFileSync(path.join(policiesDir, 'orders.yaml'), JSON.stringify(policy));
  const outdir = path.join(folder, witness ? 'with-witness' : 'alone');
  const { directory } = await synthesise({
    policiesDir,
    outdir,
    today: '2026-11-22',
    ...(witness && { witness }),
  });
  return startEngine({ assembly: directory, dataDir: path.join(folder, 'data') });
}

function clientConfig() {
  const { endpoint, region, credentials } = engine;
  return { endpoint, region, credentials };
}

async function publicKeyOf(arn: string): Promise<string> {
  const kms = new KMSClient(clientConfig());
  return new KmsSigner(kms, arn).publicKey().finally(() => kms.destroy());
}

beforeAll(async () => {
  engine = await deployed();
  const { ListsBucket: bucket = '', SigningKey = '' } = engine.outputs(stackNames.evidence);
  const origin = engine.outputs(stackNames.workflow)['LedgerId'] ?? '';
  pinned = { origin, bucket, publicKey: await publicKeyOf(SigningKey) };
  await engine.stop();
  engine = await deployed(pinned);
  const secrets = new SecretsManagerClient(clientConfig());
  const SecretString = new Material({ username: 'orders_app', password: 'never used' }).toVaultText();
  const Tags = [{ Key: 'gapless:use', Value: 'identity' }];
  await secrets.send(new CreateSecretCommand({ Name: policy.secret, SecretString, Tags }));
  secrets.destroy();
  await engine.advance(60_000);
}, 180_000);
afterAll(async () => {
  await engine.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('countersigns a ledger that grew, from its own memory and with its own key', async () => {
  const stateMachineArn = engine.outputs(stackNames.workflow)['RotationMachine'];
  const input = JSON.stringify({ identityId: 'orders-db', reason: 'a test', actor: 'alice' });
  await engine.states.handle('StartExecution', { stateMachineArn, name: 'opened', input });
  await engine.advance(180_000);
  const outcome = await engine.lambda.invoke('gapless-witness', {});
  expect(outcome).not.toHaveProperty('error');
  const { WitnessBucket = '', WitnessKey = '' } = engine.outputs(WITNESS_STACK);
  const s3 = new S3Client(clientConfig());
  const own = new S3SealedStore(s3, WitnessBucket);
  const newest = (await own.versions('witness/')).at(-1)?.key ?? '';
  const key = pinnedKey(await publicKeyOf(WitnessKey));
  const statement = openStatement((await own.get(newest)) ?? Buffer.alloc(0), { key, origin: pinned.origin });
  s3.destroy();
  expect(statement?.size).toBeGreaterThan(0);
  expect(newest).toBe(`witness/${String(statement?.size).padStart(12, '0')}`);
}, 60_000);

it('ends with an error, which is its alarm, once the sealer is silent for more than five minutes', async () => {
  engine.faults.at = async (point) =>
    point.boundary === 'lambda' && point.functionName.includes('gapless-seal') ? { do: 'kill' } : undefined;
  await engine.advance(420_000);
  expect(await engine.lambda.invoke('gapless-witness', {})).toMatchObject({
    error: {
      errorType: 'EvidenceConflict',
      errorMessage: expect.stringMatching(/^silence: .*witness-alarm\.md/),
    },
  });
}, 60_000);
