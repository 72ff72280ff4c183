import { randomUUID } from 'node:crypto';
import { DynamoDBClient, GetItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  DeleteObjectCommand,
  ListBucketsCommand,
  PutBucketTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { DeleteSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { openCloud, type ClientConfig, type TestCloud } from '../support/engine-cloud';
import { signedFetch } from '../support/signed-fetch';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await openCloud();
});
afterAll(() => cloud.remove());

const put = (client: ClientConfig, pk: string) =>
  new DynamoDBClient(client).send(
    new PutItemCommand({
      TableName: cloud.output('Table'),
      Item: { pk: { S: pk }, sk: { S: randomUUID() } },
    }),
  );

describe('SigV4', () => {
  test('a wrong secret key is refused', async () => {
    const credentials = { ...cloud.client.credentials, secretAccessKey: 'not the secret' };
    await expect(put({ ...cloud.client, credentials }, 'RUN#1')).rejects.toMatchObject({
      name: 'InvalidSignatureException',
    });
    const bucket = new S3Client({ ...cloud.client, credentials });
    await expect(bucket.send(new ListBucketsCommand({}))).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
    });
  });

  test('an unknown key and a role session without its token are refused', async () => {
    const unknown = { accessKeyId: 'AKIDNOBODY', secretAccessKey: 'x' };
    await expect(put({ ...cloud.client, credentials: unknown }, 'RUN#1')).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    });
    const { accessKeyId, secretAccessKey } = cloud.as(cloud.output('FunctionRole')).credentials;
    const tokenless = { ...cloud.client, credentials: { accessKeyId, secretAccessKey } };
    await expect(put(tokenless, 'RUN#1')).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
  });

  test('a body changed after signing is refused', async () => {
    const request = {
      service: 'secretsmanager',
      headers: { 'x-amz-target': 'secretsmanager.ListSecrets' },
      body: '{}',
    };
    const honest = await signedFetch(cloud.client, request);
    expect(await honest.json()).toMatchObject({ __type: 'UnsupportedOperation' });
    const original = globalThis.fetch;
    globalThis.fetch = (url, init) => original(url, { ...init, body: '{"a":1}' });
    const changed = await signedFetch(cloud.client, request).finally(() => (globalThis.fetch = original));
    expect(await changed.json()).toMatchObject({ __type: 'InvalidSignatureException' });
  });

  test('STS says whose key it was', async () => {
    const body = 'Action=GetCallerIdentity&Version=2011-06-15';
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const client = cloud.as(cloud.output('FunctionRole'));
    const answer = await (await signedFetch(client, { service: 'sts', headers, body })).text();
    expect(answer).toMatch(
      /<Arn>arn:aws:sts::000000000000:assumed-role\/Work-FunctionRole-[0-9a-f]+\/host<\/Arn>/,
    );
  });
});

const assume = async (client: ClientConfig, RoleArn: string) => {
  const form = new URLSearchParams({ Action: 'AssumeRole', RoleArn, RoleSessionName: 'test' });
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await (await signedFetch(client, { service: 'sts', headers, body: form.toString() })).text();
  return (element: string) => new RegExp(`<${element}>([^<]*)</${element}>`).exec(answer)?.[1] ?? '';
};

describe('roles', () => {
  test('the trusted host takes a role and is bound by its policies then', async () => {
    const part = await assume(cloud.client, cloud.output('FunctionRole'));
    const credentials = {
      accessKeyId: part('AccessKeyId'),
      secretAccessKey: part('SecretAccessKey'),
      sessionToken: part('SessionToken'),
    };
    await put({ ...cloud.client, credentials }, 'RUN#assumed');
    await expect(put({ ...cloud.client, credentials }, 'PROOF#assumed')).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });

  test('a role is not taken by a role it does not trust', async () => {
    const part = await assume(cloud.as(cloud.output('ReaderRole')), cloud.output('FunctionRole'));
    expect(part('Code')).toBe('AccessDenied');
  });
});

describe('IAM', () => {
  test('a role writes the leading keys its policy names and no other', async () => {
    const client = cloud.as(cloud.output('FunctionRole'));
    await put(client, 'RUN#1');
    await expect(put(client, 'PROOF#1')).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('dynamodb:PutItem'),
    });
  });

  test('what no policy allows is refused: another action, another resource, another service', async () => {
    const reader = cloud.as(cloud.output('ReaderRole'));
    const TableName = cloud.output('Table');
    const Key = { pk: { S: 'RUN#1' }, sk: { S: 'x' } };
    await expect(
      new DynamoDBClient(reader).send(new GetItemCommand({ TableName, Key })),
    ).resolves.toBeDefined();
    await expect(new DynamoDBClient(reader).send(new ScanCommand({ TableName }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    const stateMachineArn = cloud.output('Machine');
    await expect(
      new SFNClient(reader).send(new StartExecutionCommand({ stateMachineArn })),
    ).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });

  test('a refused call has no effect', async () => {
    const reader = cloud.as(cloud.output('ReaderRole'));
    await expect(put(reader, 'REFUSED#1')).rejects.toMatchObject({ name: 'AccessDeniedException' });
    const scan = new ScanCommand({ TableName: cloud.output('Table') });
    const { Items } = await new DynamoDBClient(cloud.client).send(scan);
    expect(Items?.map((item) => item['pk']?.S)).not.toContain('REFUSED#1');
  });
});

describe('what the engine does not implement', () => {
  test('fails with the service and the action', async () => {
    const bucket = new S3Client(cloud.client);
    const Bucket = cloud.output('Bucket');
    await expect(
      bucket.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [] } })),
    ).rejects.toMatchObject({ message: 'gapless local does not implement s3:PutBucketTagging' });
    await expect(bucket.send(new DeleteObjectCommand({ Bucket, Key: 'x' }))).rejects.toMatchObject({
      message: 'gapless local does not implement s3:DeleteObject',
    });
    await expect(
      new SecretsManagerClient(cloud.client).send(new DeleteSecretCommand({ SecretId: 'none' })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

async function count(pk: string): Promise<number> {
  const scan = new ScanCommand({ TableName: cloud.output('Table') });
  const { Items } = await new DynamoDBClient(cloud.client).send(scan);
  return (Items ?? []).filter((item) => item['pk']?.S === pk).length;
}

describe('faults at service calls', () => {
  const puts = { boundary: 'service', service: 'dynamodb', action: 'PutItem' };
  const fits = (phase: 'before' | 'after') => (point: object) =>
    Object.entries({ ...puts, phase }).every(([key, value]) => Reflect.get(point, key) === value);

  test('fail answers with the error and changes nothing', async () => {
    cloud.once(fits('before'), {
      do: 'fail',
      error: 'ProvisionedThroughputExceededException',
      message: 'slow down',
    });
    await expect(put(cloud.client, 'RUN#fault')).rejects.toMatchObject({ message: 'slow down' });
    expect(await count('RUN#fault')).toBe(0);
  });

  test('drop has its effect and loses the answer', async () => {
    cloud.once(fits('before'), { do: 'drop' });
    await expect(put(cloud.client, 'RUN#dropped')).rejects.toThrow();
    expect(await count('RUN#dropped')).toBe(1);
  });
});
