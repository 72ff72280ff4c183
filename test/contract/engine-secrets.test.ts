import { randomBytes, randomUUID, verify as verifySignature } from 'node:crypto';
import {
  GenerateMacCommand,
  GetPublicKeyCommand,
  KMSClient,
  SignCommand,
  VerifyCommand,
  VerifyMacCommand,
} from '@aws-sdk/client-kms';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { openCloud, type TestCloud } from '../support/engine-cloud';

let cloud: TestCloud;
let vault: SecretsManagerClient;
let keys: KMSClient;
beforeAll(async () => {
  cloud = await openCloud();
  vault = new SecretsManagerClient(cloud.client);
  keys = new KMSClient(cloud.client);
});
afterAll(() => cloud.remove());

/** A secret with one version that has AWSCURRENT. */
async function secret() {
  const SecretId = `test/${randomUUID()}`;
  const first = randomUUID();
  await vault.send(
    new CreateSecretCommand({ Name: SecretId, SecretString: 'one', ClientRequestToken: first }),
  );
  return { SecretId, first };
}
const stages = async (SecretId: string) =>
  (await vault.send(new DescribeSecretCommand({ SecretId }))).VersionIdsToStages;
const pending = (SecretId: string, token: string, value: string) =>
  vault.send(
    new PutSecretValueCommand({
      SecretId,
      SecretString: value,
      ClientRequestToken: token,
      VersionStages: ['AWSPENDING'],
    }),
  );

describe('Secrets Manager', () => {
  test('moving AWSCURRENT leaves AWSPREVIOUS on the version that had it', async () => {
    const { SecretId, first } = await secret();
    const second = randomUUID();
    await pending(SecretId, second, 'two');
    await vault.send(
      new UpdateSecretVersionStageCommand({
        SecretId,
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: second,
        RemoveFromVersionId: first,
      }),
    );
    expect(await stages(SecretId)).toEqual({
      [first]: ['AWSPREVIOUS'],
      [second]: ['AWSPENDING', 'AWSCURRENT'],
    });
  });

  test('a label that another version holds moves only when that version is named', async () => {
    const { SecretId } = await secret();
    const second = randomUUID();
    await pending(SecretId, second, 'two');
    const move = { SecretId, VersionStage: 'AWSCURRENT', MoveToVersionId: second };
    await expect(vault.send(new UpdateSecretVersionStageCommand(move))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
    await expect(
      vault.send(new UpdateSecretVersionStageCommand({ ...move, RemoveFromVersionId: second })),
    ).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  test('the same token with the same value changes nothing, with another value is refused', async () => {
    const { SecretId } = await secret();
    const token = randomUUID();
    await pending(SecretId, token, 'two');
    await expect(pending(SecretId, token, 'two')).resolves.toMatchObject({ VersionId: token });
    await expect(pending(SecretId, token, 'three')).rejects.toMatchObject({
      name: 'ResourceExistsException',
    });
    expect((await vault.send(new GetSecretValueCommand({ SecretId, VersionId: token }))).SecretString).toBe(
      'two',
    );
  });

  test('values are read by version or by label; a wrong pair is refused', async () => {
    const { SecretId, first } = await secret();
    const second = randomUUID();
    await pending(SecretId, second, 'two');
    const read = (asked: { VersionId?: string; VersionStage?: string }) =>
      vault.send(new GetSecretValueCommand({ SecretId, ...asked }));
    expect((await read({})).SecretString).toBe('one');
    expect((await read({ VersionStage: 'AWSPENDING' })).SecretString).toBe('two');
    expect((await read({ VersionId: first })).VersionStages).toEqual(['AWSCURRENT']);
    await expect(read({ VersionId: first, VersionStage: 'AWSPENDING' })).rejects.toMatchObject({
      name: 'InvalidRequestException',
    });
    await expect(read({ VersionStage: 'AWSPREVIOUS' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  test('a version without labels is still readable by its id', async () => {
    const { SecretId } = await secret();
    const [second, third] = [randomUUID(), randomUUID()];
    await pending(SecretId, second, 'two');
    await pending(SecretId, third, 'three');
    expect((await vault.send(new GetSecretValueCommand({ SecretId, VersionId: second }))).SecretString).toBe(
      'two',
    );
  });

  test('a secret of a taken name and a secret that is missing are refused by name', async () => {
    const { SecretId } = await secret();
    await expect(
      vault.send(new CreateSecretCommand({ Name: SecretId, SecretString: 'other' })),
    ).rejects.toMatchObject({ name: 'ResourceExistsException' });
    await expect(vault.send(new DescribeSecretCommand({ SecretId: 'test/none' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });
});

describe('KMS', () => {
  test('a MAC verifies for its message alone', async () => {
    const common = { KeyId: cloud.output('MacKey'), MacAlgorithm: 'HMAC_SHA_256' as const };
    const Message = randomBytes(64);
    const { Mac } = await keys.send(new GenerateMacCommand({ ...common, Message }));
    expect((await keys.send(new VerifyMacCommand({ ...common, Message, Mac }))).MacValid).toBe(true);
    await expect(
      keys.send(new VerifyMacCommand({ ...common, Message: randomBytes(64), Mac })),
    ).rejects.toMatchObject({
      name: 'KMSInvalidMacException',
    });
  });

  test('a P-256 signature verifies with the public key, without KMS', async () => {
    const common = {
      KeyId: 'alias/signing',
      SigningAlgorithm: 'ECDSA_SHA_256' as const,
      MessageType: 'RAW' as const,
    };
    const Message = Buffer.from('the head of a chain');
    const { Signature } = await keys.send(new SignCommand({ ...common, Message }));
    const { PublicKey } = await keys.send(new GetPublicKeyCommand({ KeyId: cloud.output('SigningKey') }));
    const key = { key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' } as const;
    expect(verifySignature('sha256', Message, key, Buffer.from(Signature ?? []))).toBe(true);
    await expect(
      keys.send(new VerifyCommand({ ...common, Message: Buffer.from('another'), Signature })),
    ).rejects.toMatchObject({ name: 'KMSInvalidSignatureException' });
  });

  test('a key is refused for what it is not made for', async () => {
    const Message = Buffer.from('x');
    await expect(
      keys.send(
        new SignCommand({ KeyId: cloud.output('MacKey'), Message, SigningAlgorithm: 'ECDSA_SHA_256' }),
      ),
    ).rejects.toMatchObject({ name: 'InvalidKeyUsageException' });
  });
});
