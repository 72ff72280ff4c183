import * as z from 'zod/mini';
import type { Call } from '../service';
import { isJson } from '../asl/json';
import type { Clock } from '../clock';
import { arn, nameOf, type Place } from '../services/arn';
import type { DynamoDb } from '../services/dynamodb';
import type { Kms } from '../services/kms';
import type { SecretsManager } from '../services/secrets-manager';
import type { Question } from './policy';

/** What the questions need to know about deployed resources. */
export interface Inventory {
  readonly place: Place;
  readonly clock: Clock;
  readonly dynamodb: Pick<DynamoDb, 'partitionKey'>;
  readonly secrets: Pick<SecretsManager, 'arnOf' | 'tagsOf'>;
  readonly kms: Pick<Kms, 'arnOf'>;
}

type Context = Record<string, readonly string[]>;
const text = (value: unknown) => (typeof value === 'string' ? value : '');

const scalar = (attribute: unknown): string[] =>
  isJson(attribute) ? Object.values(attribute).slice(0, 1).map(String) : [];
const leading = (item: unknown, key: string | undefined): string[] =>
  isJson(item) && key ? scalar(item[key]) : [];

/** The partition key value a Query names, read out of its key condition. */
function queried(input: Record<string, unknown>, key: string | undefined): string[] {
  if (!key) return [];
  const { ExpressionAttributeNames: names, ExpressionAttributeValues: values } = input;
  const attribute = (name: string) => (isJson(names) ? (names[name] ?? name) : name);
  const equalities = text(input['KeyConditionExpression']).matchAll(/([#\w.-]+)\s*=\s*(:\w+)/g);
  const [, , value] = [...equalities].find(([, name = '']) => attribute(name) === key) ?? [];
  return value && isJson(values) ? scalar(values[value]) : [];
}

const Batch = z.record(z.string(), z.object({ Keys: z.array(z.unknown()) }));

/** What a service asks of IAM for a call; `verb` where IAM names the action differently. */
interface Ask {
  readonly verb?: string;
  readonly resource: string | undefined;
  readonly context?: Context;
}
type Asks = (call: Call, inventory: Inventory) => readonly Ask[];

const tableAsks: Asks = ({ input }, { place, dynamodb }) => {
  const about = (table: string, keys: readonly string[], index?: string): Ask => ({
    resource: arn(place, 'dynamodb', `table/${nameOf(table)}${index ? `/index/${index}` : ''}`),
    // An empty list would mean "no key named", which is what a Scan is.
    context: keys.length > 0 ? { 'dynamodb:LeadingKeys': keys } : {},
  });
  const batch = input['RequestItems'] === undefined ? undefined : Batch.safeParse(input['RequestItems']);
  if (batch?.success) {
    return Object.entries(batch.data).map(([table, { Keys }]) => {
      const key = dynamodb.partitionKey(table);
      const keys = Keys.flatMap((item) => leading(item, key));
      return about(table, keys);
    });
  }
  const table = text(input['TableName']);
  const index = text(input['IndexName']) || undefined;
  const key = dynamodb.partitionKey(table, index);
  const item = input['Key'] ?? input['Item'];
  return [about(table, item === undefined ? queried(input, key) : leading(item, key), index)];
};

const objectAsks: Asks = ({ action, input }, { place }) => {
  const bucket = arn(place, 's3', text(input['Bucket']));
  if (action.startsWith('ListObject')) {
    const verb = action === 'ListObjectVersions' ? 'ListBucketVersions' : 'ListBucket';
    return [{ verb, resource: bucket, context: { 's3:prefix': [text(input['Prefix'])] } }];
  }
  const resource = `${bucket}/${text(input['Key'])}`;
  const verb = action === 'HeadObject' ? 'GetObject' : action;
  const asked = [`${verb}${input['VersionId'] === undefined ? '' : 'Version'}`];
  if (input['ObjectLockMode'] !== undefined) asked.push('PutObjectRetention');
  const context =
    input['IfNoneMatch'] === undefined ? {} : { 's3:if-none-match': [text(input['IfNoneMatch'])] };
  return asked.map((each) => ({ verb: each, resource, context }));
};

const secretAsks: Asks = ({ input }, { secrets }) => {
  const id = text(input['SecretId']) || text(input['Name']);
  const tags = Object.entries(secrets.tagsOf(id)).flatMap(([key, value]) =>
    ['secretsmanager', 'aws'].map((prefix) => [`${prefix}:ResourceTag/${key}`, [value]]),
  );
  const stage = text(input['VersionStage']);
  const label = stage ? { 'secretsmanager:VersionStage': [stage] } : {};
  return [{ resource: secrets.arnOf(id), context: { ...Object.fromEntries(tags), ...label } }];
};

const ASKS: Readonly<Record<string, Asks>> = {
  dynamodb: tableAsks,
  s3: objectAsks,
  secretsmanager: secretAsks,
  events: (_call, { place }) => [{ resource: arn(place, 'events', 'event-bus/default') }],
  kms: ({ input }, { kms }) => [{ resource: kms.arnOf(text(input['KeyId'])) }],
  lambda: ({ action, input }, { place }) => {
    const resource = arn(place, 'lambda', `function:${nameOf(text(input['FunctionName']))}`);
    if (action !== 'InvokeUrl') return [{ verb: 'InvokeFunction', resource }];
    // Lambda developer guide, "Control access to Lambda function URLs".
    const byIam = { 'lambda:FunctionUrlAuthType': ['AWS_IAM'] };
    const viaUrl = { 'lambda:InvokedViaFunctionUrl': ['true'] };
    return [
      { verb: 'InvokeFunctionUrl', resource, context: byIam },
      { verb: 'InvokeFunction', resource, context: viaUrl },
    ];
  },
  sns: ({ input }) => [{ resource: text(input['TopicArn']) }],
  // A task token does not tell its machine.
  states: ({ input: { stateMachineArn, executionArn } }) => {
    return [{ resource: text(stateMachineArn) || text(executionArn) || undefined }];
  },
  sts: ({ action, input }) => (action === 'GetCallerIdentity' ? [] : [{ resource: text(input['RoleArn']) }]),
};

/** What a call asks of IAM; every question must be allowed. */
export function questionsOf(call: Call, inventory: Inventory): readonly Question[] {
  const { place, clock } = inventory;
  const { service, action, caller } = call;
  const common: Context = {
    'aws:SourceAccount': [place.account],
    'aws:PrincipalArn': [caller.roleArn],
    'aws:PrincipalAccount': [place.account],
    // Loopback stands in for TLS.
    'aws:SecureTransport': ['true'],
    'aws:CurrentTime': [new Date(clock.now()).toISOString()],
  };
  const asked = ASKS[service]?.(call, inventory) ?? [{ resource: undefined }];
  return asked.map(({ verb = action, resource, context }) => {
    return { action: `${service}:${verb}`, resource, context: { ...common, ...context } };
  });
}
