import { PutObjectCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamoRegistry } from '../../adapters/aws/registry';
import { StepFunctionsExecutions } from '../../adapters/aws/executions';
import { S3Lists } from '../../adapters/aws/lists';
import { S3Policies } from '../../adapters/aws/policies';
import { compilePolicies } from '../../core/policy/document';
import { parsePolicy } from '../../core/policy/parse';
import { openCloud, type TestCloud } from '../support/engine-cloud';

let cloud: TestCloud;
let s3: S3Client;
beforeAll(async () => {
  cloud = await openCloud();
  s3 = new S3Client(cloud.client);
});
afterAll(() => cloud.remove());

const upload = (Key: string, Body: string) =>
  s3.send(new PutObjectCommand({ Bucket: cloud.output('Bucket'), Key, Body }));

describe('policies in S3', () => {
  const policy = parsePolicy(
    {
      id: 'payments-db',
      kind: 'postgres-role',
      owner: 'payments',
      secret: 'payments/db',
      target: { admin: 'payments/admin', host: 'db.internal' },
      revocation: { within: '1h', owner: 'payments' },
    },
    'test',
  );

  test('the compiled document comes back as it was compiled, and is read once', async () => {
    const document = compilePolicies([policy]);
    await upload('policies.json', JSON.stringify(document));
    const policies = new S3Policies(s3, cloud.output('Bucket'), 'policies.json', document.revision);
    expect(await policies.document()).toEqual(document);
    await upload('policies.json', 'replaced behind its back');
    expect(await policies.of('payments-db')).toEqual(document.policies[0]);
    const unknown = { name: 'UnknownIdentity', effect: 'none', message: expect.stringContaining('nobody') };
    await expect(policies.of('nobody')).rejects.toMatchObject(unknown);
  });

  test('a document that could not be read is asked for again', async () => {
    const none = compilePolicies([]);
    const policies = new S3Policies(s3, cloud.output('Bucket'), 'later.json', none.revision);
    await expect(policies.document()).rejects.toMatchObject({ name: 'Internal', effect: 'none' });
    await upload('later.json', '{"revision":"r1"}');
    const invalid = { name: 'InvalidInput', message: expect.stringContaining('later.json') };
    await expect(policies.document()).rejects.toMatchObject(invalid);
    await upload('later.json', JSON.stringify(none));
    expect((await policies.document()).policies).toEqual([]);
  });

  test('a document that is not the deployed one is refused, whatever it says of itself', async () => {
    const document = compilePolicies([policy]);
    const owned = { ...policy, owner: 'somebody else' };
    const other = { ...document, policies: [{ policy: owned, sha256: document.policies[0]?.sha256 }] };
    await upload('other.json', JSON.stringify(other));
    const policies = new S3Policies(s3, cloud.output('Bucket'), 'other.json', document.revision);
    const refused = { name: 'InvalidInput', effect: 'none', message: expect.stringContaining('Deploy') };
    await expect(policies.document()).rejects.toMatchObject(refused);
  });
});

test('a list is written once; writing it again points at the one that is there', async () => {
  const lists = new S3Lists(s3, cloud.output('Bucket'));
  const place = await lists.write('lists/due.json', [{ id: 'a' }, { id: 'b' }]);
  expect(await lists.write('lists/due.json', [{ id: 'c' }])).toEqual(place);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: place.bucket, Key: place.key }));
  expect(await Body?.transformToString()).toBe('[{"id":"a"},{"id":"b"}]');
});

/** The fixture's machine, as an adapter that may start it sees it. */
function machineOfFixture() {
  const client = new SFNClient(cloud.client);
  const machine = cloud.output('Machine');
  const arnOf = (name: string) => `${machine.replace(':stateMachine:', ':execution:')}:${name}`;
  const executionsAt = (now: () => number) => new StepFunctionsExecutions(client, { Rotation: machine }, now);
  return { client, arnOf, executionsAt, executions: executionsAt(() => Date.now()) };
}

describe('executions of Step Functions', () => {
  test('an execution runs, ends, and its name stays taken', async () => {
    const { client, arnOf, executions, executionsAt } = machineOfFixture();
    expect(await executions.start('Rotation', 'one', { name: 'a' })).toBe('started');
    expect(await executions.status(arnOf('one'))).toBe('running');
    expect(await executions.start('Rotation', 'one', { name: 'b' })).toBe('exists');
    await client.send(new StopExecutionCommand({ executionArn: arnOf('one') }));
    // Its last worker may still be at work.
    expect(await executions.status(arnOf('one'))).toBe('running');
    expect(await executionsAt(() => Date.now() + 60_000).status(arnOf('one'))).toBe('ended');
    expect(await executions.start('Rotation', 'one', { name: 'a' })).toBe('exists');
  });

  test('an execution nobody started is gone', async () => {
    const { arnOf, executions } = machineOfFixture();
    expect(await executions.status(arnOf('never'))).toBe('gone');
  });

  test('a machine this function was not given is refused by name', async () => {
    const start = machineOfFixture().executions.start('Settle', 'one', {});
    await expect(start).rejects.toMatchObject({
      name: 'Internal',
      message: expect.stringContaining('Settle'),
    });
  });
});

test('a table that is not there is an Internal failure naming the call and the table', async () => {
  const registry = dynamoRegistry(new DynamoDBClient(cloud.client), 'nowhere');
  const message = expect.stringMatching(/dynamodb:GetItem on table nowhere .*ResourceNotFoundException/);
  await expect(registry.identity('payments-db')).rejects.toMatchObject({
    name: 'Internal',
    effect: 'none',
    message,
  });
});
