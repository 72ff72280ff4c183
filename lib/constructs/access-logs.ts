import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

/** Long enough for a yearly audit to ask about its first day (PCI DSS 10.5.1 wants twelve months). */
const KEPT = Duration.days(400);

/**
 * Where S3 writes who asked for which object of a bucket. S3 delivers only into buckets without a default retention, and
 * under its own keys (docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html).
 */
export function accessLogs(scope: Construct, id: string): Bucket {
  return new Bucket(scope, id, {
    versioned: true,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    lifecycleRules: [{ expiration: KEPT, noncurrentVersionExpiration: Duration.days(1) }],
    removalPolicy: RemovalPolicy.RETAIN,
  });
}
