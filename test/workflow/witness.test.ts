import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod/mini';
import { publish } from '../../apps/cli/connection';
import { deploymentOf } from '../../apps/cli/deployment';
import { S3SealedStore } from '../../adapters/aws/sealed-store';
import { KmsSigner } from '../../adapters/aws/signer';
import { startEngine, type Engine } from '../../apps/local/engine';
import { openStatement } from '../../core/ledger/witness-statement';
import { pinnedKey } from '../../core/ledger/signed';
import { Material } from '../../core/material';
import { stackNames, WITNESS_STACK } from '../../lib/app';
import type { WitnessContext } from '../../lib/context';
import { synthesise } from '../../apps/local/synth/synthesise';
import { gapless } from '../support/cli';
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

const bucketOf = () => `s3://${engine.outputs(WITNESS_STACK)['WitnessBucket'] ?? ''}`;

describe('a ledger that is verified in its own stores', () => {
  const project = path.join(folder, 'project');
  const at = (...parts: readonly string[]) => path.join(project, ...parts);
  const told = z.object({ size: z.int(), root: z.string(), copied: z.array(z.object({ size: z.int() })) });
  const broken = z.object({
    verified: z.literal(false),
    first: z.object({ position: z.object({ object: z.string() }) }),
  });
  let pins: readonly string[];

  async function verified(...flags: readonly string[]) {
    const { code, stdout, stderr } = await gapless(
      ['evidence', 'verify', '--all', '--json', ...flags],
      project,
    );
    return { code, document: JSON.parse(stdout || '{}') as unknown, stderr };
  }

  /** Somebody else's bucket holds a copy of every checkpoint, and so does an auditor's folder. */
  beforeAll(async () => {
    mkdirSync(project);
    publish(project, deploymentOf(engine, stackNames));
    writeFileSync(at('ledger.pem'), pinned.publicKey);
    writeFileSync(at('witness.pem'), await publicKeyOf(engine.outputs(WITNESS_STACK)['WitnessKey'] ?? ''));
    pins = ['--origin', pinned.origin, '--key', at('ledger.pem')];
    const s3 = new S3Client(clientConfig());
    const [ledger, copy] = [pinned.bucket, bucketOf().slice('s3://'.length)].map(
      (name) => new S3SealedStore(s3, name),
    );
    for (const { key } of (await ledger?.versions('checkpoint/')) ?? [])
      await copy?.put(key, (await ledger?.get(key)) ?? Buffer.alloc(0));
    s3.destroy();
    const out = ['--format', 'bundle', '--out', at('bundle'), '--witness', bucketOf()];
    expect(await gapless(['evidence', 'export', ...out], project)).toMatchObject({ code: 0 });
    for (const name of ['changed', 'later']) cpSync(at('bundle'), at(name), { recursive: true });
  }, 60_000);

  it('agrees with copies in a bucket and a folder, with its witness, and with what was seen before', async () => {
    const copies = ['--copy', bucketOf(), '--copy', at('bundle')];
    const witness = ['--witness', bucketOf(), '--witness-key', at('witness.pem')];
    const { code, document } = await verified(...pins, ...copies, ...witness, '--seen', at('bundle'));
    const { size, root, copied } = told.parse(document);
    expect(copied.map((each) => each.size)).toEqual([size, size, expect.any(Number)]);
    expect(copied.at(-1)?.size).toBeGreaterThan(0);
    expect(code).toBe(0);
    writeFileSync(at('seen.json'), JSON.stringify({ verified: true, origin: pinned.origin, size, root }));
    expect(await verified(...pins, '--seen', at('seen.json'))).toMatchObject({ code: 0 });
  }, 60_000);

  it('is broken where a copy, the witness, or what was seen says something else', async () => {
    const [first = '', ...others] = readdirSync(at('changed', 'checkpoint')).toSorted();
    const last = others.at(-1) ?? first;
    const bytes = readFileSync(at('changed', 'checkpoint', first));
    writeFileSync(
      at('changed', 'checkpoint', first),
      Buffer.from(bytes.map((byte, n) => (n === 40 ? byte ^ 1 : byte))),
    );
    const beyond = String(Number(last) + 1).padStart(12, '0');
    cpSync(at('later', 'checkpoint', last), at('later', 'checkpoint', beyond));
    const seen = { verified: true, origin: pinned.origin, size: Number(last), root: 'f'.repeat(64) };
    writeFileSync(at('other.json'), JSON.stringify(seen));
    writeFileSync(at('newer.json'), JSON.stringify({ ...seen, size: Number(beyond) }));
    const cases = [
      [['--copy', at('changed')], `checkpoint/${first}`],
      [['--copy', at('later')], `checkpoint/${beyond}`],
      [['--seen', at('other.json')], `checkpoint/${last}`],
      [['--seen', at('newer.json')], `checkpoint/${beyond}`],
      [['--witness', bucketOf(), '--witness-key', at('ledger.pem')], 'witness/'],
    ] as const;
    for (const [flags, object] of cases) {
      const { code, document } = await verified(...pins, ...flags);
      expect([flags, code]).toEqual([flags, 7]);
      expect(broken.parse(document).first.position.object).toContain(object);
    }
  }, 120_000);

  it('is not verified against anything without pins, nor against a place that is none', async () => {
    expect(await verified('--copy', bucketOf())).toMatchObject({ code: 2, document: {} });
    const nowhere = await verified(...pins, '--copy', at('nowhere'));
    expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringContaining('Nothing was verified') });
  }, 60_000);
});

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
