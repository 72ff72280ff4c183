import { rmSync } from 'node:fs';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { GenerateMacCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { startEngine } from '../../apps/local/engine';
import { writeAssembly } from '../support/engine-assembly';
import { eventually } from '../support/eventually';
import { openCloud, type TestCloud } from '../support/engine-cloud';

const opened: TestCloud[] = [];
const open: typeof openCloud = async (given) => {
  const cloud = await openCloud(given);
  opened.push(cloud);
  return cloud;
};
// Stopped here and not by the tests, so that a failed test leaves nothing running.
afterEach(async () => {
  const clouds = opened.splice(0);
  for (const { engine } of clouds) await engine.stop();
  for (const cloud of clouds) await cloud.remove();
});

const minutes = (count: number) => count * 60_000;

describe('time', () => {
  test('a schedule fires at each of its times under an advanced clock, and waits in executions pass', async () => {
    const cloud = await open();
    await cloud.engine.advance(minutes(17));
    expect(cloud.engine.scheduler.firings.map(({ schedule, error }) => ({ schedule, error }))).toEqual(
      Array.from({ length: 3 }, () => ({ schedule: 'every-five-minutes', error: undefined })),
    );
    const states = new SFNClient(cloud.client);
    const { executions } = await states.send(
      new ListExecutionsCommand({ stateMachineArn: cloud.output('Machine') }),
    );
    expect(executions?.map(({ status }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED']);
    expect(new Set(executions?.map(({ startDate }) => startDate?.getMinutes())).size).toBe(3);
  });

  test('the end of an execution is an event, and its rule invokes the function it names', async () => {
    const cloud = await open();
    await cloud.engine.advance(minutes(7));
    expect(cloud.engine.events.seen.map(({ detail }) => Reflect.get(Object(detail), 'status'))).toEqual([
      'RUNNING',
      'SUCCEEDED',
    ]);
    const printed = () => cloud.engine.log.lines.map(({ source, text }) => `${source}: ${text}`);
    expect(await eventually(printed, (lines) => lines.length > 0)).toEqual(['prints: one line']);
  });

  test('the fault duplicate delivers a schedule twice', async () => {
    const cloud = await open();
    cloud.once((point) => point.boundary === 'service' && point.service === 'scheduler', { do: 'duplicate' });
    await cloud.engine.advance(minutes(6));
    expect(cloud.engine.scheduler.firings).toHaveLength(2);
  });
});

test('a restart keeps items, objects, secrets, keys, executions and the time', async () => {
  const first = await open();
  const mac = {
    KeyId: first.output('MacKey'),
    MacAlgorithm: 'HMAC_SHA_256',
    Message: Buffer.from('m'),
  } as const;
  const object = { Bucket: first.output('Bucket'), Key: 'kept' };
  await first.engine.advance(minutes(10));
  await new S3Client(first.client).send(new PutObjectCommand({ ...object, Body: 'kept' }));
  const vault = new SecretsManagerClient(first.client);
  await vault.send(new CreateSecretCommand({ Name: 'kept', SecretString: 'value' }));
  const { Mac } = await new KMSClient(first.client).send(new GenerateMacCommand(mac));
  const stoppedAt = first.engine.clock.now();
  await first.engine.stop();

  const { dataDir, assembly } = first;
  const second = await open({ dataDir, assembly });
  const { Items } = await new DynamoDBClient(second.client).send(
    new ScanCommand({ TableName: second.output('Table') }),
  );
  const states = new SFNClient(second.client);
  const { executions } = await states.send(
    new ListExecutionsCommand({ stateMachineArn: second.output('Machine') }),
  );
  const read = await new S3Client(second.client).send(new GetObjectCommand(object));
  const secret = new GetSecretValueCommand({ SecretId: 'kept' });
  expect({
    items: Items?.length,
    executions: executions?.map(({ status }) => status),
    object: await read.Body?.transformToString(),
    secret: (await new SecretsManagerClient(second.client).send(secret)).SecretString,
    mac: (await new KMSClient(second.client).send(new GenerateMacCommand(mac))).Mac,
  }).toEqual({ items: 2, executions: ['ABORTED', 'SUCCEEDED'], object: 'kept', secret: 'value', mac: Mac });
  expect(second.engine.clock.now()).toBeGreaterThanOrEqual(stoppedAt);
});

const start = async (extra: Readonly<Record<string, unknown>>) => {
  const assembly = writeAssembly({ extra });
  const dataDir = `${assembly}-data`;
  const failure = await startEngine({ assembly, dataDir }).then(
    async (engine) => engine.stop().then(() => 'it started'),
    (error: Error) => error.message,
  );
  for (const folder of [assembly, dataDir]) rmSync(folder, { recursive: true, force: true });
  return failure;
};

test('a second engine on the same data folder is refused, and the first one goes on', async () => {
  const { assembly, dataDir, engine } = await open();
  await expect(startEngine({ assembly, dataDir })).rejects.toThrow(
    `The data folder ${dataDir} is in use by the engine of process ${process.pid}. Nothing was changed.`,
  );
  expect(await engine.lambda.invoke('echo', {})).toEqual({ payload: expect.stringContaining('"event":{}') });
});

describe('a template with something the engine lacks', () => {
  test('is refused by the name of a resource type', async () => {
    expect(await start({ Queue: { Type: 'AWS::SQS::Queue' } })).toBe(
      'Work/Queue: gapless local does not implement resource type AWS::SQS::Queue',
    );
  });

  test.each([
    ['IpAddress', { 'aws:SourceIp': '10.0.0.0/8' }],
    ['IpAddress', {}],
    ['constructor', { 'aws:SourceIp': '10.0.0.0/8' }],
  ])('is refused by the name of a condition operator: %s of %j', async (operator, tests) => {
    const Statement = { Effect: 'Allow', Action: 's3:*', Resource: '*', Condition: { [operator]: tests } };
    const Properties = { PolicyDocument: { Statement } };
    expect(await start({ Policy: { Type: 'AWS::IAM::ManagedPolicy', Properties } })).toMatch(
      new RegExp(`^Work/Policy: condition operator ${operator} is not implemented`),
    );
  });

  test('is refused by the name of a property', async () => {
    const table = { Type: 'AWS::DynamoDB::Table', Properties: { StreamSpecification: {} } };
    expect(await start({ Table: table })).toBe(
      'Work/Table: gapless local does not implement the property StreamSpecification',
    );
  });
});
