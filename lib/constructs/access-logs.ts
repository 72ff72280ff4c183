import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, CfnBucket, ObjectOwnership } from 'aws-cdk-lib/aws-s3';

/** Long enough for a yearly audit to ask about its first day (PCI DSS 10.5.1 wants twelve months). */
const KEPT = Duration.days(400);

/**
 * Lets S3 write down who asked for which object of a bucket, in a bucket beside it. S3 delivers only into buckets without
 * a default retention, and under its own keys (docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html).
 * @throws Error when the bucket is not made by its own stack
 */
export function logAccess(watched: Bucket): void {
  const resource = watched.node.defaultChild;
  if (!(resource instanceof CfnBucket)) throw new Error(`${watched.node.path} holds no AWS::S3::Bucket`);
  const logs = new Bucket(watched, 'AccessLogs', {
    versioned: true,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    lifecycleRules: [{ expiration: KEPT, noncurrentVersionExpiration: Duration.days(1) }],
    removalPolicy: RemovalPolicy.RETAIN,
  });
  logs.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AccessLogs',
      principals: [new ServicePrincipal('logging.s3.amazonaws.com')],
      actions: ['s3:PutObject'],
      resources: [logs.arnForObjects('*')],
      conditions: {
        ArnLike: { 'aws:SourceArn': watched.bucketArn },
        StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
      },
    }),
  );
  resource.loggingConfiguration = { destinationBucketName: logs.bucketName };
}
