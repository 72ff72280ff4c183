import {
  CreateSecretCommand,
  DeleteSecretCommand,
  SecretsManagerClient,
  type ServiceOutputTypes,
} from '@aws-sdk/client-secrets-manager';
import type { InitializeHandlerOutput } from '@smithy/types';
import { KMSClient } from '@aws-sdk/client-kms';
import { KmsFingerprints } from '../../adapters/aws/fingerprints';
import { secretsManagerVault } from '../../adapters/aws/vault';
import type { Vault } from '../../core/ports/vault';
import { Material } from '../../core/material';
import type { FaultPoint } from '../../apps/local/faults';
import { openCloud, type TestCloud } from '../support/engine-cloud';
import { describeVault, version } from './vault-suite';

const [v1, v2] = [version('v1'), version('v2')];
const first = new Material({ username: 'app_a', password: 'first-password' });
const second = new Material({ username: 'app_b', password: 'second-password' });

let cloud: TestCloud;
let client: SecretsManagerClient;
beforeAll(async () => {
  cloud = await openCloud();
  client = new SecretsManagerClient(cloud.client);
});
afterAll(() => cloud.remove());

async function create(secret: string, versionId: string, text: string): Promise<void> {
  await client.send(
    new CreateSecretCommand({ Name: secret, ClientRequestToken: versionId, SecretString: text }),
  );
}

describeVault('a vault in Secrets Manager', async () => ({
  vault: secretsManagerVault(client),
  create: (secret, versionId, material) => create(secret, versionId, material.toVaultText()),
}));

/** A vault that repeats lost calls as its client does by default, and the names of the writes it was granted. */
function watched(): { readonly vault: Vault; readonly writes: string[] } {
  const repeating = new SecretsManagerClient({ ...cloud.client, maxAttempts: 3 });
  const writes: string[] = [];
  repeating.middlewareStack.add(
    (next, context) => async (args) => {
      const name = context.commandName ?? 'unnamed';
      const answer = await next(args);
      if (!/^(Describe|Get)/.test(name)) writes.push(name);
      return answer;
    },
    { step: 'initialize' },
  );
  return { vault: secretsManagerVault(repeating), writes };
}

const answerTo = (action: string) => (point: FaultPoint) =>
  point.boundary === 'service' && point.phase === 'before' && point.action === action;

test('a rotation costs one PutSecretValue and one UpdateSecretVersionStage, also when it is repeated', async () => {
  await create('cost/app', v1, first.toVaultText());
  const { vault, writes } = watched();
  await vault.putPending('cost/app', v2, second);
  await vault.promote('cost/app', v2, v1);
  await vault.promote('cost/app', v2, v1);
  await vault.dropPending('cost/app', v1);
  expect(writes).toEqual(['PutSecretValueCommand', 'UpdateSecretVersionStageCommand']);
});

test('a write whose answer was lost is repeated by the client and counts as done', async () => {
  await create('lost/app', v1, first.toVaultText());
  const { vault } = watched();
  cloud.once(answerTo('PutSecretValue'), { do: 'drop' });
  await vault.putPending('lost/app', v2, second);
  cloud.once(answerTo('UpdateSecretVersionStage'), { do: 'drop' });
  await vault.promote('lost/app', v2, v1);
  cloud.once(answerTo('UpdateSecretVersionStage'), { do: 'drop' });
  await vault.dropPending('lost/app', v2);
  expect(await vault.labels('lost/app')).toEqual({ current: v2, pending: undefined, previous: v1 });
});

test('a write without an answer is of unknown effect, a read without one of none', async () => {
  await create('silent/app', v1, first.toVaultText());
  const vault = secretsManagerVault(client);
  cloud.once(answerTo('PutSecretValue'), { do: 'drop' });
  const write = await vault.putPending('silent/app', v2, second).catch((error: unknown) => error);
  expect(write).toMatchObject({ name: 'StoreUnavailable', effect: 'unknown' });
  expect(String(write)).not.toMatch(/password/);
  cloud.once(answerTo('GetSecretValue'), { do: 'drop' });
  const read = vault.readCurrent('silent/app');
  await expect(read).rejects.toMatchObject({ name: 'StoreUnavailable', effect: 'none' });
  expect((await vault.labels('silent/app')).pending).toBe(v2);
});

test('a throttled write that was the first attempt changed nothing', async () => {
  await create('slow/app', v1, first.toVaultText());
  const vault = secretsManagerVault(client);
  const slow = { do: 'fail', error: 'ThrottlingException', message: 'Rate exceeded' } as const;
  cloud.once(answerTo('PutSecretValue'), slow);
  const write = vault.putPending('slow/app', v2, second);
  await expect(write).rejects.toMatchObject({ name: 'StoreUnavailable', effect: 'none' });
});

test('a secret that the role may not read is named with the call and the tag it may lack', async () => {
  await create('closed/app', v1, first.toVaultText());
  const vault = secretsManagerVault(new SecretsManagerClient(cloud.as(cloud.output('ReaderRole'))));
  const denied = {
    name: 'SecretMissing',
    effect: 'none',
    message: expect.stringMatching(
      /^secretsmanager:GetSecretValue on secret closed\/app was denied: .*gapless:use/,
    ),
  };
  await expect(vault.readCurrent('closed/app')).rejects.toMatchObject(denied);
});

test('AWSPENDING that is shown on a version after the service said that it is gone is something to repeat', async () => {
  await create('lagging/app', v1, first.toVaultText());
  await secretsManagerVault(client).putPending('lagging/app', v2, second);
  const lagging = new SecretsManagerClient(cloud.client);
  let shown: InitializeHandlerOutput<ServiceOutputTypes> | undefined;
  lagging.middlewareStack.add(
    (next, context) => async (args) => {
      if (context.commandName !== 'DescribeSecretCommand') return next(args);
      shown ??= await next(args);
      return shown;
    },
    { step: 'initialize' },
  );
  const vault = secretsManagerVault(lagging);
  await vault.dropPending('lagging/app', v2);
  const again = vault.dropPending('lagging/app', v2);
  await expect(again).rejects.toMatchObject({ name: 'StoreUnavailable', effect: 'unknown' });
  expect(await secretsManagerVault(client).labels('lagging/app')).not.toHaveProperty('pending', v2);
});

test('a secret marked for deletion counts as missing', async () => {
  await create('deleted/app', v1, first.toVaultText());
  await client.send(new DeleteSecretCommand({ SecretId: 'deleted/app' }));
  const vault = secretsManagerVault(client);
  const missing = { name: 'SecretMissing', effect: 'none' };
  await expect(vault.labels('deleted/app')).rejects.toMatchObject(missing);
  await expect(vault.read('deleted/app', v1)).rejects.toMatchObject(missing);
  await expect(vault.putPending('deleted/app', v2, second)).rejects.toMatchObject(missing);
});

test('a secret that is no JSON object is refused without being quoted', async () => {
  await create('plain/app', v1, 'just-a-password');
  const read = await secretsManagerVault(client)
    .readCurrent('plain/app')
    .catch((error: unknown) => error);
  expect(read).toMatchObject({ name: 'InvalidInput', effect: 'none' });
  expect(String(read)).not.toContain('just-a-password');
});

test('fingerprints by KMS are 128 bits, the same for equal material and different for other', async () => {
  const fingerprints = new KmsFingerprints(new KMSClient(cloud.client), cloud.output('MacKey'));
  const one = await fingerprints.of(first);
  expect(one).toMatch(/^[0-9a-f]{32}$/);
  expect(await fingerprints.of(new Material({ password: 'first-password', username: 'app_a' }))).toBe(one);
  expect(await fingerprints.of(second)).not.toBe(one);
});
