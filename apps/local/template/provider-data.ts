import * as z from 'zod/mini';
import { TableSpec } from '../services/dynamodb';
import { provider, type Provider } from './resource';

const policied = z.object({ ResourcePolicy: z.optional(z.object({ PolicyDocument: z.unknown() })) });
const Table = z.extend(TableSpec, {
  ...policied.shape,
  Replicas: z.prefault(z.array(policied), []),
  TableName: z.optional(z.string()),
});
const tableLacks = ['StreamSpecification', 'LocalSecondaryIndexes', 'KinesisStreamSpecification'];

const table = provider(Table, tableLacks, (given, resource) => {
  const { TableName: name = resource.name(), ResourcePolicy, Replicas, ...spec } = given;
  resource.target.dynamodb.declareTable({ TableName: name, ...spec });
  const Arn = resource.arn('dynamodb', `table/${name}`);
  for (const { ResourcePolicy: policy } of [{ ResourcePolicy }, ...Replicas])
    if (policy) resource.addPolicy(Arn, policy.PolicyDocument);
  return { ref: name, attributes: { Arn, TableId: resource.uuid() } };
});

const Key = z.object({
  KeySpec: z.prefault(z.enum(['SYMMETRIC_DEFAULT', 'HMAC_256', 'ECC_NIST_P256']), 'SYMMETRIC_DEFAULT'),
  KeyUsage: z.prefault(z.string(), 'ENCRYPT_DECRYPT'),
  KeyPolicy: z.optional(z.unknown()),
});

const Alias = z.object({ AliasName: z.string(), TargetKeyId: z.string() });

const Bucket = z.object({ BucketName: z.optional(z.string()) });
const bucketLacks = ['NotificationConfiguration', 'ReplicationConfiguration', 'WebsiteConfiguration'];

const BucketPolicy = z.object({ Bucket: z.string(), PolicyDocument: z.unknown() });

const Topic = z.object({ TopicName: z.optional(z.string()) });

const TopicPolicy = z.object({ Topics: z.array(z.string()), PolicyDocument: z.unknown() });

/** Resource types that hold data. */
export const DATA: Readonly<Record<string, Provider>> = {
  'AWS::DynamoDB::GlobalTable': table,
  'AWS::DynamoDB::Table': table,
  'AWS::KMS::Key': provider(Key, [], ({ KeySpec, KeyUsage, KeyPolicy }, resource) => {
    const KeyId = resource.uuid();
    const Arn = resource.target.kms.ensureKey(KeyId, KeySpec, KeyUsage);
    if (KeyPolicy !== undefined) resource.addPolicy(Arn, KeyPolicy);
    return { ref: KeyId, attributes: { Arn, KeyId } };
  }),
  'AWS::KMS::Alias': provider(Alias, [], ({ AliasName, TargetKeyId }, { target }) => {
    target.kms.setAlias(AliasName, TargetKeyId);
    return { ref: AliasName };
  }),
  'AWS::S3::Bucket': provider(Bucket, bucketLacks, ({ BucketName }, resource) => {
    const name = BucketName ?? resource.name(63).toLowerCase();
    resource.target.s3.ensureBucket(name);
    const DomainName = `${name}.s3.amazonaws.com`;
    const Arn = resource.arn('s3', name);
    return { ref: name, attributes: { Arn, DomainName, RegionalDomainName: DomainName } };
  }),
  'AWS::S3::BucketPolicy': provider(BucketPolicy, [], ({ Bucket: name, PolicyDocument }, resource) => {
    resource.addPolicy(resource.arn('s3', name), PolicyDocument);
    return { ref: resource.name() };
  }),
  'AWS::SNS::Topic': provider(Topic, ['Subscription'], ({ TopicName = '' }, resource) => {
    const name = TopicName || resource.name(256);
    const TopicArn = resource.arn('sns', name);
    resource.target.sns.ensureTopic(TopicArn);
    return { ref: TopicArn, attributes: { TopicName: name, TopicArn } };
  }),
  'AWS::SNS::TopicPolicy': provider(TopicPolicy, [], ({ Topics, PolicyDocument }, resource) => {
    for (const each of Topics) resource.addPolicy(each, PolicyDocument);
    return { ref: resource.name() };
  }),
};
