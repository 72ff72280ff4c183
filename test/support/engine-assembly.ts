import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Manifest } from 'aws-cdk-lib/cloud-assembly-schema';

const sdk = (name: string) => JSON.stringify(require.resolve(name));

/** Code of the fixture's functions; the SDK is this checkout's own, as it would be bundled. */
const CODE: Readonly<Record<string, string>> = {
  echo: 'exports.handler = async (event, context) => ({ event, name: context.functionName, now: Date.now(), environment: Object.keys(process.env).sort() });',
  throws: `class NotReady extends Error { constructor(m) { super(m); this.name = 'NotReady'; } }
    exports.handler = async () => { throw new NotReady('the target is not ready'); };`,
  hangs: 'exports.handler = () => new Promise(() => setInterval(() => undefined, 1000));',
  exits: 'exports.handler = async () => process.exit(3);',
  prints: "exports.handler = async () => { console.log('one line'); return {}; };",
  records: `const { DynamoDBClient, PutItemCommand } = require(${sdk('@aws-sdk/client-dynamodb')});
    const client = new DynamoDBClient({ maxAttempts: 1 });
    exports.handler = async ({ pk, sk }) => {
      const Item = { pk: { S: pk }, sk: { S: sk ?? String(Date.now()) } };
      await client.send(new PutItemCommand({ TableName: process.env.TABLE, Item }));
      return { at: Date.now() };
    };`,
};

const trust = (service: string) => ({
  Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
});
const role = (service: string, statements: readonly unknown[]) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: trust(service),
    Policies: [{ PolicyName: 'Own', PolicyDocument: { Statement: statements } }],
  },
});
const getAtt = (id: string, attribute = 'Arn') => ({ 'Fn::GetAtt': [id, attribute] });
const imported = (name: string) => ({ 'Fn::ImportValue': name });
const output = (name: string, value: unknown) => ({ [name]: { Value: value, Export: { Name: name } } });

const key = (name: string, type: string) => ({ AttributeName: name, KeyType: type });
const data = {
  Resources: {
    Items: {
      Type: 'AWS::DynamoDB::GlobalTable',
      Properties: {
        KeySchema: [key('pk', 'HASH'), key('sk', 'RANGE')],
        AttributeDefinitions: ['pk', 'sk', 'owner'].map((name) => ({
          AttributeName: name,
          AttributeType: 'S',
        })),
        GlobalSecondaryIndexes: [
          {
            IndexName: 'byOwner',
            KeySchema: [key('owner', 'HASH'), key('sk', 'RANGE')],
            Projection: { ProjectionType: 'ALL' },
          },
        ],
        BillingMode: 'PAY_PER_REQUEST',
        Replicas: [{ Region: { Ref: 'AWS::Region' } }],
      },
    },
    Objects: { Type: 'AWS::S3::Bucket', Properties: { VersioningConfiguration: { Status: 'Enabled' } } },
    Mac: { Type: 'AWS::KMS::Key', Properties: { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' } },
    Signing: { Type: 'AWS::KMS::Key', Properties: { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' } },
    SigningName: {
      Type: 'AWS::KMS::Alias',
      Properties: { AliasName: 'alias/signing', TargetKeyId: { Ref: 'Signing' } },
    },
    Topic: { Type: 'AWS::SNS::Topic', Properties: {} },
  },
  Outputs: {
    ...output('Table', { Ref: 'Items' }),
    ...output('TableArn', getAtt('Items')),
    ...output('Bucket', { Ref: 'Objects' }),
    ...output('MacKey', getAtt('Mac')),
    ...output('SigningKey', getAtt('Signing')),
    ...output('TopicArn', { Ref: 'Topic' }),
  },
};

const functionOf = (name: string) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    FunctionName: name,
    Code: { S3Bucket: { 'Fn::Sub': 'assets-${AWS::AccountId}-${AWS::Region}' }, S3Key: `${name}.zip` },
    Handler: 'index.handler',
    Runtime: 'nodejs24.x',
    Role: getAtt('FunctionRole'),
    Timeout: name === 'hangs' ? 1 : 30,
    Environment: { Variables: { TABLE: imported('Table') } },
  },
});

const machine = {
  QueryLanguage: 'JSONata',
  StartAt: 'Record',
  States: {
    Record: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: { FunctionName: '${Records}', Payload: "{% {'pk': 'RUN#' & $states.input.name} %}" },
      Next: 'Pause',
    },
    Pause: { Type: 'Wait', Seconds: 60, End: true },
  },
};

const leading = { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['RUN#*'] } };
const work = {
  Parameters: {
    BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/x/version' },
  },
  Resources: {
    FunctionRole: role('lambda.amazonaws.com', [
      { Effect: 'Allow', Action: 'dynamodb:PutItem', Resource: imported('TableArn'), Condition: leading },
    ]),
    MachineRole: role('states.amazonaws.com', [
      {
        Effect: 'Allow',
        Action: 'lambda:InvokeFunction',
        Resource: [getAtt('records'), { 'Fn::Sub': '${records.Arn}:*' }],
      },
    ]),
    ScheduleRole: role('scheduler.amazonaws.com', [
      { Effect: 'Allow', Action: 'states:StartExecution', Resource: { Ref: 'Machine' } },
    ]),
    ReaderRole: role('lambda.amazonaws.com', [
      { Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: imported('TableArn') },
    ]),
    ...Object.fromEntries(Object.keys(CODE).map((name) => [name, functionOf(name)])),
    Machine: {
      Type: 'AWS::StepFunctions::StateMachine',
      Properties: {
        RoleArn: getAtt('MachineRole'),
        DefinitionString: JSON.stringify(machine),
        DefinitionSubstitutions: { Records: getAtt('records') },
      },
    },
    EveryFiveMinutes: {
      Type: 'AWS::Scheduler::Schedule',
      Properties: {
        Name: 'every-five-minutes',
        ScheduleExpression: 'rate(5 minutes)',
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: { Arn: { Ref: 'Machine' }, RoleArn: getAtt('ScheduleRole'), Input: '{"name":"scheduled"}' },
      },
    },
    Ended: {
      Type: 'AWS::Events::Rule',
      Properties: {
        EventPattern: { source: ['aws.states'], detail: { status: ['SUCCEEDED', 'FAILED'] } },
        Targets: [{ Arn: getAtt('prints'), Id: 'prints' }],
      },
    },
    EndedMayInvoke: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        FunctionName: getAtt('prints'),
        Action: 'lambda:InvokeFunction',
        Principal: 'events.amazonaws.com',
        SourceArn: getAtt('Ended'),
      },
    },
  },
  Outputs: {
    ...output('Machine', { Ref: 'Machine' }),
    ...output('FunctionRole', getAtt('FunctionRole')),
    ...output('ReaderRole', getAtt('ReaderRole')),
  },
};

const stackArtifact = (name: string, dependencies: readonly string[]) => ({
  type: 'aws:cloudformation:stack',
  environment: 'aws://unknown-account/unknown-region',
  properties: { templateFile: `${name}.template.json` },
  dependencies,
});

/** A cloud assembly of two stacks as `cdk synth` lays it out, small enough to read here. @returns its folder */
export function writeAssembly(changes: { readonly extra?: Readonly<Record<string, unknown>> } = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'gapless-assembly-'));
  const write = (file: string, content: unknown) =>
    writeFileSync(join(folder, file), JSON.stringify(content));
  const files: Record<string, unknown> = {};
  for (const [name, code] of Object.entries(CODE)) {
    mkdirSync(join(folder, `asset.${name}`));
    writeFileSync(join(folder, `asset.${name}`, 'index.js'), code);
    const at = { bucketName: 'assets-${AWS::AccountId}-${AWS::Region}', objectKey: `${name}.zip` };
    files[name] = { source: { path: `asset.${name}`, packaging: 'zip' }, destinations: { current: at } };
  }
  const version = Manifest.version();
  write('Work.assets.json', { version, files });
  write('Data.template.json', data);
  write('Work.template.json', { ...work, Resources: { ...work.Resources, ...changes.extra } });
  write('manifest.json', {
    version,
    artifacts: {
      Work: stackArtifact('Work', ['Data', 'Work.assets']),
      'Work.assets': { type: 'cdk:asset-manifest', properties: { file: 'Work.assets.json' } },
      Data: stackArtifact('Data', []),
    },
  });
  return folder;
}
