import * as z from 'zod/mini';
import type { Call } from '../dispatch';
import { arn, nameOf, type Place } from '../services/arn';
import type { Question } from './policy';

/** What the questions need to know about deployed resources. */
export interface Inventory {
  readonly place: Place;
  readonly partitionKey: (tableName: string, indexName?: string) => string | undefined;
  readonly secretArn: (secretId: string) => string;
  readonly secretTags: (secretId: string) => Readonly<Record<string, string>>;
  readonly keyArn: (keyId: string) => string;
}

type Context = Record<string, readonly string[]>;
const text = (value: unknown) => (typeof value === 'string' ? value : '');
const Attribute = z.record(z.string(), z.unknown());
const Attributes = z.record(z.string(), Attribute);
const Names = z.record(z.string(), z.string());
const Entries = z.array(z.object({ EventBusName: z.optional(z.string()) }));

const scalar = (value: unknown): string[] => {
  const parsed = Attribute.safeParse(value);
  return parsed.success ? Object.values(parsed.data).slice(0, 1).map(String) : [];
};
const leading = (item: unknown, key: string | undefined): string[] => {
  const parsed = Attributes.safeParse(item);
  return parsed.success && key ? scalar(parsed.data[key]) : [];
};

/** The partition key value a Query names, read out of its key condition. */
function queried(input: Record<string, unknown>, key: string | undefined): string[] {
  if (!key) return [];
  const names = Names.safeParse(input['ExpressionAttributeNames']).data ?? {};
  const values = Attributes.safeParse(input['ExpressionAttributeValues']).data ?? {};
  for (const [, name = '', value = ''] of text(input['KeyConditionExpression']).matchAll(
    /([#\w.-]+)\s*=\s*(:\w+)/g,
  )) {
    if ((names[name] ?? name) === key) return scalar(values[value]);
  }
  return [];
}

const Batch = z.record(z.string(), z.object({ Keys: z.array(z.unknown()) }));

function tableQuestions({ action, input }: Call, inventory: Inventory, context: Context): Question[] {
  const about = (table: string, keys: readonly string[], index?: string): Question => ({
    action: `dynamodb:${action}`,
    resource: arn(inventory.place, 'dynamodb', `table/${nameOf(table)}${index ? `/index/${index}` : ''}`),
    // An empty list would mean "no key named", which is what a Scan is.
    context: keys.length > 0 ? { ...context, 'dynamodb:LeadingKeys': keys } : context,
  });
  const batch = Batch.safeParse(input['RequestItems']);
  if (batch.success) {
    return Object.entries(batch.data).map(([table, { Keys }]) => {
      const key = inventory.partitionKey(table);
      return about(
        table,
        Keys.flatMap((item) => leading(item, key)),
      );
    });
  }
  const table = text(input['TableName']);
  const index = text(input['IndexName']) || undefined;
  const key = inventory.partitionKey(table, index);
  const item = input['Key'] ?? input['Item'];
  return [about(table, item === undefined ? queried(input, key) : leading(item, key), index)];
}

function objectQuestions({ action, input }: Call, inventory: Inventory, context: Context): Question[] {
  const bucket = arn(inventory.place, 's3', text(input['Bucket']));
  if (action === 'ListObjectsV2') {
    const prefix = { 's3:prefix': [text(input['Prefix'])] };
    return [{ action: 's3:ListBucket', resource: bucket, context: { ...context, ...prefix } }];
  }
  const resource = `${bucket}/${text(input['Key'])}`;
  const verb = action === 'HeadObject' ? 'GetObject' : action;
  const asked = [`s3:${verb}${input['VersionId'] === undefined ? '' : 'Version'}`];
  if (input['ObjectLockMode'] !== undefined) asked.push('s3:PutObjectRetention');
  const once = input['IfNoneMatch'] === undefined ? {} : { 's3:if-none-match': [text(input['IfNoneMatch'])] };
  return asked.map((each) => ({ action: each, resource, context: { ...context, ...once } }));
}

function secretContext(id: string, { input }: Call, inventory: Inventory): Context {
  const tags = Object.entries(inventory.secretTags(id)).flatMap(([key, value]) =>
    ['secretsmanager', 'aws'].map((prefix) => [`${prefix}:ResourceTag/${key}`, [value]]),
  );
  const stage = text(input['VersionStage']);
  return { ...Object.fromEntries(tags), ...(stage ? { 'secretsmanager:VersionStage': [stage] } : {}) };
}

function busArns(input: Record<string, unknown>, { place }: Inventory): string[] {
  const entries = Entries.safeParse(input['Entries']).data ?? [];
  const names = new Set(entries.map((entry) => nameOf(entry.EventBusName ?? 'default')));
  return [...names].map((name) => arn(place, 'events', `event-bus/${name}`));
}

/** What a call asks of IAM; every question must be allowed. */
export function questionsOf(call: Call, inventory: Inventory, nowMs: number): readonly Question[] {
  const { place } = inventory;
  const context: Context = {
    'aws:SourceAccount': [place.account],
    'aws:PrincipalArn': [call.caller.roleArn],
    'aws:PrincipalAccount': [place.account],
    // Loopback stands in for TLS.
    'aws:SecureTransport': ['true'],
    'aws:CurrentTime': [new Date(nowMs).toISOString()],
  };
  const { service, action, input } = call;
  // A function URL asks for both (Lambda developer guide, "Control access to Lambda function URLs").
  const functionQuestions = (resource: string, verb: string): Question[] =>
    verb !== 'InvokeUrl'
      ? on(resource, 'InvokeFunction')
      : [
          ...on(resource, 'InvokeFunctionUrl', { 'lambda:FunctionUrlAuthType': ['AWS_IAM'] }),
          ...on(resource, 'InvokeFunction', { 'lambda:InvokedViaFunctionUrl': ['true'] }),
        ];
  const on = (resource: string | undefined, verb = action, more: Context = {}): Question[] => [
    { action: `${service}:${verb}`, resource, context: { ...context, ...more } },
  ];
  switch (service) {
    case 'dynamodb':
      return tableQuestions(call, inventory, context);
    case 's3':
      return objectQuestions(call, inventory, context);
    case 'secretsmanager': {
      const id = text(input['SecretId']) || text(input['Name']);
      return on(inventory.secretArn(id), action, secretContext(id, call, inventory));
    }
    case 'kms':
      return on(inventory.keyArn(text(input['KeyId'])));
    case 'lambda':
      return functionQuestions(
        arn(place, 'lambda', `function:${nameOf(text(input['FunctionName']))}`),
        action,
      );
    case 'events':
      return busArns(input, inventory).flatMap((bus) => on(bus));
    case 'sns':
      return on(text(input['TopicArn']));
    case 'states':
      // A task token does not tell its machine.
      return on(text(input['stateMachineArn']) || text(input['executionArn']) || undefined);
    case 'sts':
      return action === 'GetCallerIdentity' ? [] : on(text(input['RoleArn']));
    default:
      return on(undefined);
  }
}
