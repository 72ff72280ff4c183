import * as z from 'zod/mini';
import type { Call } from '../dispatch';
import type { KeySchema } from '../services/dynamodb';
import { arn, nameOf, type Place } from '../services/arn';
import type { Question } from './policy';

/** What the questions need to know about deployed resources. */
export interface Inventory {
  readonly place: Place;
  readonly keysOf: (tableName: string, indexName?: string) => KeySchema | undefined;
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

const Batch = z.record(z.string(), z.unknown());
const Writes = z.array(
  z.object({
    PutRequest: z.optional(z.object({ Item: z.unknown() })),
    DeleteRequest: z.optional(z.object({ Key: z.unknown() })),
  }),
);
const Keys = z.object({ Keys: z.array(z.unknown()) });

function batchKeys(request: unknown): unknown[] {
  const writes = Writes.safeParse(request);
  if (writes.success) return writes.data.map((each) => each.PutRequest?.Item ?? each.DeleteRequest?.Key);
  const reads = Keys.safeParse(request);
  return reads.success ? reads.data.Keys : [];
}

function tableQuestions({ action, input }: Call, inventory: Inventory, context: Context): Question[] {
  const about = (table: string, keys: readonly string[], index?: string): Question => ({
    action: `dynamodb:${action}`,
    resource: arn(inventory.place, 'dynamodb', `table/${nameOf(table)}${index ? `/index/${index}` : ''}`),
    // An empty list would mean "no key named", which is what a Scan is.
    context: keys.length > 0 ? { ...context, 'dynamodb:LeadingKeys': keys } : context,
  });
  const batch = Batch.safeParse(input['RequestItems']);
  if (batch.success) {
    return Object.entries(batch.data).map(([table, request]) => {
      const key = inventory.keysOf(table)?.partitionKey;
      return about(
        table,
        batchKeys(request).flatMap((item) => leading(item, key)),
      );
    });
  }
  const table = text(input['TableName']);
  const index = text(input['IndexName']) || undefined;
  const key = inventory.keysOf(table, index)?.partitionKey;
  const item = input['Key'] ?? input['Item'];
  return [about(table, item === undefined ? queried(input, key) : leading(item, key), index)];
}

const S3_ACTIONS: Readonly<Record<string, string>> = {
  HeadObject: 's3:GetObject',
  ListObjectsV2: 's3:ListBucket',
};

function objectQuestions({ action, input }: Call, inventory: Inventory, context: Context): Question[] {
  const bucket = arn(inventory.place, 's3', text(input['Bucket']));
  if (action === 'ListObjectsV2') {
    return [
      {
        action: 's3:ListBucket',
        resource: bucket,
        context: { ...context, 's3:prefix': [text(input['Prefix'])] },
      },
    ];
  }
  const resource = `${bucket}/${text(input['Key'])}`;
  const versioned = input['VersionId'] === undefined ? '' : 'Version';
  const asked = [`${S3_ACTIONS[action] ?? `s3:${action}`}${versioned}`];
  if (input['ObjectLockMode'] !== undefined) asked.push('s3:PutObjectRetention');
  const once = input['IfNoneMatch'] === undefined ? {} : { 's3:if-none-match': [text(input['IfNoneMatch'])] };
  return asked.map((each) => ({ action: each, resource, context: { ...context, ...once } }));
}

function secretQuestions({ action, input }: Call, inventory: Inventory, context: Context): Question[] {
  const id = text(input['SecretId']) || text(input['Name']);
  const more: Context = { ...context };
  for (const [key, value] of Object.entries(inventory.secretTags(id))) {
    more[`secretsmanager:ResourceTag/${key}`] = [value];
    more[`aws:ResourceTag/${key}`] = [value];
  }
  const stage = text(input['VersionStage']);
  if (stage) more['secretsmanager:VersionStage'] = [stage];
  return [{ action: `secretsmanager:${action}`, resource: inventory.secretArn(id), context: more }];
}

function busArns(input: Record<string, unknown>, inventory: Inventory): string[] {
  const entries = Entries.safeParse(input['Entries']).data ?? [];
  const names = new Set(entries.map((entry) => nameOf(entry.EventBusName ?? 'default')));
  return [...names].map((name) => arn(inventory.place, 'events', `event-bus/${name}`));
}

/** What a call asks of IAM; every question must be allowed. */
export function questionsOf(call: Call, inventory: Inventory, nowMs: number): readonly Question[] {
  const context: Context = {
    'aws:SourceAccount': [inventory.place.account],
    'aws:PrincipalArn': [call.caller.roleArn],
    'aws:PrincipalAccount': [inventory.place.account],
    // Loopback stands in for TLS.
    'aws:SecureTransport': ['true'],
    'aws:CurrentTime': [new Date(nowMs).toISOString()],
  };
  const { service, action, input } = call;
  const on = (resource: string | undefined, verb = action): Question[] => [
    { action: `${service}:${verb}`, resource, context },
  ];
  switch (service) {
    case 'dynamodb':
      return tableQuestions(call, inventory, context);
    case 's3':
      return objectQuestions(call, inventory, context);
    case 'secretsmanager':
      return secretQuestions(call, inventory, context);
    case 'kms':
      return on(inventory.keyArn(text(input['KeyId'])));
    case 'lambda':
      return on(
        arn(inventory.place, 'lambda', `function:${nameOf(text(input['FunctionName']))}`),
        'InvokeFunction',
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
