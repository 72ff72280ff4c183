import { randomUUID } from 'node:crypto';
import { DynamoDBClient, GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { openCloud, type TestCloud } from '../support/engine-cloud';

let cloud: TestCloud;
let table: DynamoDBClient;
let bucket: S3Client;
beforeAll(async () => {
  cloud = await openCloud();
  table = new DynamoDBClient(cloud.client);
  bucket = new S3Client(cloud.client);
});
afterAll(() => cloud.remove());

const putItem = (sk: string, owner: string, condition?: string) =>
  table.send(
    new PutItemCommand({
      TableName: cloud.output('Table'),
      Item: { pk: { S: 'RUN#1' }, sk: { S: sk }, owner: { S: owner } },
      ...(condition ? { ConditionExpression: condition } : {}),
    }),
  );

describe('DynamoDB', () => {
  test('a conditional put refuses an item that exists', async () => {
    await putItem('1', 'kim', 'attribute_not_exists(pk)');
    await expect(putItem('1', 'kim', 'attribute_not_exists(pk)')).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
    });
  });

  test('an index lists by its own keys, in order', async () => {
    await putItem('3', 'lee');
    await putItem('2', 'lee');
    const { Items } = await table.send(
      new QueryCommand({
        TableName: cloud.output('Table'),
        IndexName: 'byOwner',
        KeyConditionExpression: '#owner = :owner',
        ExpressionAttributeNames: { '#owner': 'owner' },
        ExpressionAttributeValues: { ':owner': { S: 'lee' } },
      }),
    );
    expect(Items?.map((item) => item['sk']?.S)).toEqual(['2', '3']);
  });

  test('a table may be named by its ARN', async () => {
    await putItem('9', 'ari');
    const Key = { pk: { S: 'RUN#1' }, sk: { S: '9' } };
    const { Item } = await table.send(new GetItemCommand({ TableName: cloud.output('TableArn'), Key }));
    expect(Item?.['owner']?.S).toBe('ari');
  });

  test('an unknown table is answered by name', async () => {
    const Key = { pk: { S: 'x' }, sk: { S: 'x' } };
    await expect(table.send(new GetItemCommand({ TableName: 'nowhere', Key }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });
});

const putObject = (Key: string, Body: string, more: { IfNoneMatch?: string } = {}) =>
  bucket.send(new PutObjectCommand({ Bucket: cloud.output('Bucket'), Key, Body, ...more }));
const getObject = (Key: string, VersionId?: string) =>
  bucket.send(
    new GetObjectCommand({ Bucket: cloud.output('Bucket'), Key, ...(VersionId ? { VersionId } : {}) }),
  );
const listPage = (token?: string) =>
  bucket.send(
    new ListObjectsV2Command({
      Bucket: cloud.output('Bucket'),
      Prefix: 'page/',
      MaxKeys: 2,
      ...(token ? { ContinuationToken: token } : {}),
    }),
  );

describe('S3', () => {
  test('If-None-Match: * writes once and refuses the second writer', async () => {
    await putObject('checkpoint/1.json', 'first', { IfNoneMatch: '*' });
    await expect(putObject('checkpoint/1.json', 'second', { IfNoneMatch: '*' })).rejects.toMatchObject({
      name: 'PreconditionFailed',
      $metadata: { httpStatusCode: 412 },
    });
    expect(await (await getObject('checkpoint/1.json')).Body?.transformToString()).toBe('first');
  });

  test('an overwritten object is kept as a version of its own', async () => {
    const { VersionId } = await putObject('lists/a b$&.json', 'before');
    await putObject('lists/a b$&.json', 'after');
    expect(await (await getObject('lists/a b$&.json')).Body?.transformToString()).toBe('after');
    expect(await (await getObject('lists/a b$&.json', VersionId)).Body?.transformToString()).toBe('before');
  });

  test('lists come in key order, page by page', async () => {
    for (const name of ['c', 'a', 'b']) await putObject(`page/${name}`, name);
    const first = await listPage();
    const second = await listPage(first.NextContinuationToken);
    const keys = [...(first.Contents ?? []), ...(second.Contents ?? [])].map((object) => object.Key);
    expect({ keys, truncated: [first.IsTruncated, second.IsTruncated] }).toEqual({
      keys: ['page/a', 'page/b', 'page/c'],
      truncated: [true, false],
    });
  });

  test('a missing object and a missing bucket are told apart', async () => {
    await expect(getObject('none')).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(
      bucket.send(new HeadObjectCommand({ Bucket: cloud.output('Bucket'), Key: randomUUID() })),
    ).rejects.toMatchObject({ name: 'NotFound' });
    await expect(bucket.send(new GetObjectCommand({ Bucket: 'nobody', Key: 'x' }))).rejects.toMatchObject({
      name: 'NoSuchBucket',
    });
  });
});
