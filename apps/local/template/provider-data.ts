import { randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import { parsePolicy } from '../iam/policy';
import { arn } from '../services/arn';
import type { KeySpec } from '../services/kms';
import { properties, refuse } from './properties';
import { physicalName, physicalUuid, type Provider, type ResourceId, type Target } from './target';

const where = ({ stack, logicalId }: ResourceId) => `${stack}/${logicalId}`;
const keys = z.array(z.object({ AttributeName: z.string(), KeyType: z.string() }));
const policied = z.object({ ResourcePolicy: z.optional(z.object({ PolicyDocument: z.unknown() })) });
const Table = z.object({
  ...policied.shape,
  Replicas: z.prefault(z.array(policied), []),
  TableName: z.optional(z.string()),
  KeySchema: keys,
  AttributeDefinitions: z.array(z.object({ AttributeName: z.string(), AttributeType: z.string() })),
  GlobalSecondaryIndexes: z.optional(
    z.array(
      z.object({
        IndexName: z.string(),
        KeySchema: keys,
        Projection: z.object({
          ProjectionType: z.optional(z.string()),
          NonKeyAttributes: z.optional(z.array(z.string())),
        }),
      }),
    ),
  ),
});

const table: Provider = async (given, id, target) => {
  refuse(given, ['StreamSpecification', 'LocalSecondaryIndexes', 'KinesisStreamSpecification'], id);
  const { TableName, KeySchema, AttributeDefinitions, ...rest } = properties(Table, given, id);
  const name = TableName ?? physicalName(id);
  const indexes = rest.GlobalSecondaryIndexes ? { GlobalSecondaryIndexes: rest.GlobalSecondaryIndexes } : {};
  await target.dynamodb.ensureTable({ TableName: name, KeySchema, AttributeDefinitions, ...indexes });
  for (const { ResourcePolicy } of [rest, ...rest.Replicas]) {
    if (!ResourcePolicy) continue;
    const statements = parsePolicy(ResourcePolicy.PolicyDocument, where(id));
    target.iam.addResourcePolicy(arn(target.place, 'dynamodb', `table/${name}`), statements);
  }
  return {
    ref: name,
    attributes: { Arn: arn(target.place, 'dynamodb', `table/${name}`), TableId: physicalUuid(id) },
  };
};

const Secret = z.object({
  Name: z.optional(z.string()),
  Description: z.optional(z.string()),
  SecretString: z.optional(z.string()),
  Tags: z.prefault(z.array(z.object({ Key: z.string(), Value: z.string() })), []),
  GenerateSecretString: z.optional(
    z.object({
      SecretStringTemplate: z.optional(z.string()),
      GenerateStringKey: z.optional(z.string()),
      PasswordLength: z.optional(z.number()),
    }),
  ),
});

/** A generated value has the length asked for; character rules of the template are met by base64url. */
function secretValue(secret: z.infer<typeof Secret>): string | undefined {
  const wanted = secret.GenerateSecretString;
  if (!wanted) return secret.SecretString;
  const length = wanted.PasswordLength ?? 32;
  const value = randomBytes(length).toString('base64url').slice(0, length);
  if (!wanted.SecretStringTemplate || !wanted.GenerateStringKey) return value;
  const template: unknown = JSON.parse(wanted.SecretStringTemplate);
  return JSON.stringify({ ...Object(template), [wanted.GenerateStringKey]: value });
}

const secret: Provider = async (given, id, target) => {
  const wanted = properties(Secret, given, id);
  const name = wanted.Name ?? physicalName(id, 256);
  if (!target.secrets.has(name)) {
    const value = secretValue(wanted);
    await target.secrets.handle('CreateSecret', {
      Name: name,
      ...(wanted.Description ? { Description: wanted.Description } : {}),
      ...(value === undefined ? {} : { SecretString: value }),
    });
  }
  await target.secrets.handle('TagResource', { SecretId: name, Tags: wanted.Tags });
  const secretArn = target.secrets.arnOf(name);
  return { ref: secretArn, attributes: { Id: secretArn } };
};

const Key = z.object({
  KeySpec: z.prefault(z.enum(['SYMMETRIC_DEFAULT', 'HMAC_256', 'ECC_NIST_P256']), 'SYMMETRIC_DEFAULT'),
  KeyUsage: z.prefault(z.string(), 'ENCRYPT_DECRYPT'),
  KeyPolicy: z.optional(z.unknown()),
});

const key: Provider = async (given, id, target) => {
  const { KeySpec: spec, KeyUsage, KeyPolicy } = properties(Key, given, id);
  const keyId = physicalUuid(id);
  const keyArn = target.kms.ensureKey(keyId, spec satisfies KeySpec, KeyUsage);
  if (KeyPolicy !== undefined) target.iam.addResourcePolicy(keyArn, parsePolicy(KeyPolicy, where(id)));
  return { ref: keyId, attributes: { Arn: keyArn, KeyId: keyId } };
};

const Alias = z.object({ AliasName: z.string(), TargetKeyId: z.string() });

const alias: Provider = async (given, id, target) => {
  const { AliasName, TargetKeyId } = properties(Alias, given, id);
  target.kms.setAlias(AliasName, TargetKeyId);
  return { ref: AliasName, attributes: {} };
};

const Bucket = z.object({ BucketName: z.optional(z.string()) });

const bucket: Provider = async (given, id, target) => {
  refuse(given, ['NotificationConfiguration', 'ReplicationConfiguration', 'WebsiteConfiguration'], id);
  const name = properties(Bucket, given, id).BucketName ?? physicalName(id, 63).toLowerCase();
  target.s3.ensureBucket(name);
  const domain = `${name}.s3.amazonaws.com`;
  return {
    ref: name,
    attributes: { Arn: arn(target.place, 's3', name), DomainName: domain, RegionalDomainName: domain },
  };
};

const BucketPolicy = z.object({ Bucket: z.string(), PolicyDocument: z.unknown() });

const bucketPolicy: Provider = async (given, id, target) => {
  const { Bucket: name, PolicyDocument } = properties(BucketPolicy, given, id);
  target.iam.addResourcePolicy(arn(target.place, 's3', name), parsePolicy(PolicyDocument, where(id)));
  return { ref: physicalName(id), attributes: {} };
};

const SecretPolicy = z.object({ SecretId: z.string(), ResourcePolicy: z.unknown() });

const secretPolicy: Provider = async (given, id, target) => {
  const { SecretId, ResourcePolicy } = properties(SecretPolicy, given, id);
  target.iam.addResourcePolicy(target.secrets.arnOf(SecretId), parsePolicy(ResourcePolicy, where(id)));
  return { ref: SecretId, attributes: {} };
};

const Topic = z.object({ TopicName: z.optional(z.string()), Subscription: z.optional(z.array(z.unknown())) });

const topicArn = (name: string, target: Target) => arn(target.place, 'sns', name);

const topic: Provider = async (given, id, target) => {
  const name = properties(Topic, given, id).TopicName ?? physicalName(id, 256);
  target.sns.ensureTopic(topicArn(name, target));
  return { ref: topicArn(name, target), attributes: { TopicName: name, TopicArn: topicArn(name, target) } };
};

const TopicPolicy = z.object({ Topics: z.array(z.string()), PolicyDocument: z.unknown() });

const topicPolicy: Provider = async (given, id, target) => {
  const { Topics, PolicyDocument } = properties(TopicPolicy, given, id);
  for (const each of Topics) target.iam.addResourcePolicy(each, parsePolicy(PolicyDocument, where(id)));
  return { ref: physicalName(id), attributes: {} };
};

/** Resource types that hold data. */
export const DATA: Readonly<Record<string, Provider>> = {
  'AWS::DynamoDB::GlobalTable': table,
  'AWS::DynamoDB::Table': table,
  'AWS::SecretsManager::Secret': secret,
  'AWS::SecretsManager::ResourcePolicy': secretPolicy,
  'AWS::KMS::Key': key,
  'AWS::KMS::Alias': alias,
  'AWS::S3::Bucket': bucket,
  'AWS::S3::BucketPolicy': bucketPolicy,
  'AWS::SNS::Topic': topic,
  'AWS::SNS::TopicPolicy': topicPolicy,
};
