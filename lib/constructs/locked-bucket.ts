import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AccountPrincipal, AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  ObjectLockRetention,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Retention } from '../context';
import { logAccess } from './access-logs';

/** Folders of the bucket: lists for Distributed Maps, records kept while the table is down, and a witness's own. */
export const prefixes = { lists: 'lists', spill: 'spill', countersigned: 'witness' } as const;
/** Folders of the sealed ledger (core/ports/sealed-store.ts): only Seal writes there. */
export const sealedPrefixes = ['leaves', 'tile', 'checkpoint', 'pulse'] as const;

/**
 * The bucket with Object Lock. Versions cannot be deleted, and what must be written once needs `If-None-Match`
 * (docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html). Every version is retained from its
 * write on (docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html), so that who may change this policy still
 * cannot remove what was sealed.
 */
export class LockedBucket extends Bucket {
  /** @param witnessAccount may read what is sealed, by the roles it gives that right to */
  constructor(scope: Construct, id: string, retention: Retention, witnessAccount?: string) {
    super(scope, id, {
      versioned: true,
      objectLockEnabled: true,
      objectLockDefaultRetention: retentionOf(retention),
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    logAccess(this);
    const everything = this.arnForObjects('*');
    const once = [...sealedPrefixes, prefixes.spill, prefixes.countersigned].map((folder) =>
      this.arnForObjects(`${folder}/*`),
    );
    const deletions = ['s3:DeleteObject', 's3:DeleteObjectVersion', 's3:BypassGovernanceRetention'];
    this.addToResourcePolicy(denied('ObjectsStay', deletions, [everything]));
    const lapses = ['s3:PutBucketVersioning', 's3:PutLifecycleConfiguration'];
    this.addToResourcePolicy(denied('VersionsStay', lapses, [this.bucketArn]));
    const overwrites = { Null: { 's3:if-none-match': 'true' } };
    this.addToResourcePolicy(denied('WrittenOnce', ['s3:PutObject'], once, overwrites));
    if (witnessAccount !== undefined) this.showTo(new AccountPrincipal(witnessAccount));
  }

  private showTo(reader: AccountPrincipal): void {
    const sealed = sealedPrefixes.map((folder) => this.arnForObjects(`${folder}/*`));
    const shown = [
      { sid: 'WitnessReads', actions: ['s3:GetObjectVersion'], resources: sealed },
      { sid: 'WitnessLists', actions: ['s3:ListBucketVersions'], resources: [this.bucketArn] },
    ];
    for (const each of shown)
      this.addToResourcePolicy(new PolicyStatement({ ...each, principals: [reader] }));
  }
}

function denied(
  sid: string,
  actions: readonly string[],
  resources: readonly string[],
  conditions: Record<string, unknown> = {},
): PolicyStatement {
  return new PolicyStatement({
    sid,
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: [...actions],
    resources: [...resources],
    conditions,
  });
}

function retentionOf({ mode, days }: Retention): ObjectLockRetention {
  switch (mode) {
    case 'compliance':
      return ObjectLockRetention.compliance(Duration.days(days));
    case 'governance':
      return ObjectLockRetention.governance(Duration.days(days));
    default:
      return mode satisfies never;
  }
}
