import { Aws, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnKey } from 'aws-cdk-lib/aws-kms';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { LockedBucket } from '../constructs/locked-bucket';
import { SEALER_ROLE, SigningKey } from '../constructs/signing-key';
import { EvidenceTable, RegistryTable } from '../constructs/tables';
import type { Retention } from '../context';

/** What outlives every deployment: records, registry, locked objects, and the keys of fingerprints and checkpoints. */
export interface Stores {
  readonly evidence: TableV2;
  readonly registry: TableV2;
  readonly bucket: Bucket;
  readonly fingerprintKeyArn: string;
  readonly signingKeyArn: string;
}

/** The stateful half. Nothing in it is deleted with the stack, and the stack itself refuses to be deleted. */
export class EvidenceStack extends Stack {
  readonly stores: Stores;

  /** @param witnessAccount account whose witness may read what is sealed */
  constructor(scope: Construct, id: string, retention: Retention, witnessAccount?: string) {
    super(scope, id, {
      terminationProtection: true,
      description: 'Gapless: evidence, registry and what else outlives a deployment',
    });
    const evidence = new EvidenceTable(this, 'Evidence');
    const registry = new RegistryTable(this, 'Registry');
    const bucket = new LockedBucket(this, 'Bucket', retention, witnessAccount);
    const key = fingerprintKey(this);
    const signing = new SigningKey(this, 'Signing', SEALER_ROLE);
    this.stores = {
      evidence,
      registry,
      bucket,
      fingerprintKeyArn: key.attrArn,
      signingKeyArn: signing.keyArn,
    };
    new CfnOutput(this, 'EvidenceTable', { value: evidence.tableName });
    new CfnOutput(this, 'RegistryTable', { value: registry.tableName });
    new CfnOutput(this, 'ListsBucket', { value: bucket.bucketName });
    new CfnOutput(this, 'FingerprintKey', { value: key.attrArn });
    new CfnOutput(this, 'SigningKey', { value: signing.keyArn });
  }
}

// Fingerprints are keyed hashes: a bare hash of a short secret would be a guessing oracle. L1 because the L2 key has no HMAC specs.
function fingerprintKey(scope: Construct): CfnKey {
  const key = new CfnKey(scope, 'Fingerprints', {
    description: 'Gapless: keyed fingerprints of credentials',
    keySpec: 'HMAC_256',
    keyUsage: 'GENERATE_VERIFY_MAC',
    keyPolicy: {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'AccountRolesByTheirPolicies',
          Effect: 'Allow',
          Principal: { AWS: `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:root` },
          Action: 'kms:*',
          Resource: '*',
        },
      ],
    },
  });
  key.applyRemovalPolicy(RemovalPolicy.RETAIN);
  return key;
}
