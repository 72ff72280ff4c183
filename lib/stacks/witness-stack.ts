import path from 'node:path';
import { Aws, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AttributeType, Billing, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { PermissionsBoundary, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { pinnedKey } from '../../core/ledger/signed';
import { bundle } from '../bundles';
import { AlarmSet } from '../constructs/alarm-set';
import { LockedBucket, prefixes, sealedPrefixes } from '../constructs/locked-bucket';
import { PermissionBoundary } from '../constructs/permission-boundary';
import { everyMinute } from '../constructs/schedules';
import { SigningKey, WITNESS_ROLE } from '../constructs/signing-key';
import { StepFunction } from '../constructs/step-function';
import type { Retention, WitnessContext } from '../context';

export interface WitnessStackProps {
  readonly pinned: WitnessContext;
  readonly retention: Retention;
  readonly functionsDir: string;
  readonly buildDir: string;
  readonly alarmTopicArn: string | undefined;
}

const NAME = 'gapless-witness';

interface Own {
  readonly bucket: LockedBucket;
  readonly memory: TableV2;
  readonly key: SigningKey;
}

/**
 * A witness of a ledger, meant for an account whose administrators are others than the ledger's, in the same Region. It
 * reads sealed objects, remembers by itself what it saw, countersigns, and has no right at anything else.
 */
export class WitnessStack extends Stack {
  /** @throws Failure InvalidInput when the pinned key is not a P-256 public key */
  constructor(
    scope: Construct,
    id: string,
    { pinned, retention, alarmTopicArn, ...code }: WitnessStackProps,
  ) {
    super(scope, id, {
      terminationProtection: true,
      description: 'Gapless: follows and countersigns the checkpoints of a ledger in another account',
    });
    pinnedKey(pinned.publicKey);
    const own = {
      bucket: new LockedBucket(this, 'Bucket', retention),
      memory: memory(this),
      key: new SigningKey(this, 'Signing', WITNESS_ROLE),
    };
    PermissionsBoundary.of(this).apply(new PermissionBoundary(this, 'Boundary', own.memory.tableArn));
    const witness = functionOf(this, pinned, own, code);
    everyMinute(this, NAME, { started: witness, description: 'Follows the checkpoints of a ledger' });
    new WitnessAlarms(this, 'Alarms', witness, alarmTopicArn);
    new CfnOutput(this, 'WitnessBucket', { value: own.bucket.bucketName });
    new CfnOutput(this, 'WitnessKey', { value: own.key.keyArn });
  }
}

class WitnessAlarms extends AlarmSet {
  constructor(scope: Construct, id: string, witness: IFunction, topicArn: string | undefined) {
    super(scope, id, { prefix: 'gapless', topicArn });
    this.watch(witness, {
      failing: { name: 'witness-alarm', means: 'A ledger has a gap, a fork or a rollback, or is silent.' },
      silent: { name: 'witness-silent', means: 'The witness was not started at all.' },
    });
  }
}

function memory(scope: Construct): TableV2 {
  return new TableV2(scope, 'Memory', {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    sortKey: { name: 'sk', type: AttributeType.STRING },
    billing: Billing.onDemand(),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
}

function functionOf(
  scope: Construct,
  pinned: WitnessContext,
  own: Own,
  { functionsDir, buildDir }: Pick<WitnessStackProps, 'functionsDir' | 'buildDir'>,
): IFunction {
  const entry = { name: 'witness', file: path.join(functionsDir, 'witness.ts') };
  const code = bundle([entry], buildDir).get(entry.name);
  if (code === undefined) throw new Error(`${entry.file} was not bundled; nothing was synthesised`);
  const made = new StepFunction(scope, 'Witness', {
    name: NAME,
    role: 'witness',
    roleName: WITNESS_ROLE,
    bundle: code,
    environment: {
      PINNED_ORIGIN: pinned.origin,
      PINNED_KEY: pinned.publicKey,
      LEDGER_BUCKET: pinned.bucket,
      OWN_BUCKET: own.bucket.bucketName,
      MEMORY_TABLE: own.memory.tableName,
      SIGNING_KEY: own.key.keyArn,
    },
    rights: rightsOf(pinned, own),
    network: {},
  });
  return made.lambda;
}

function rightsOf(pinned: WitnessContext, { bucket, memory: table, key }: Own): readonly PolicyStatement[] {
  const ledger = `arn:${Aws.PARTITION}:s3:::${pinned.bucket}`;
  const sealed = sealedPrefixes.map((folder) => `${ledger}/${folder}/*`);
  const countersigned = bucket.arnForObjects(`${prefixes.countersigned}/*`);
  const rights = [
    { sid: 'ReadLedger', actions: ['s3:GetObjectVersion'], resources: sealed },
    { sid: 'ListVersions', actions: ['s3:ListBucketVersions'], resources: [ledger, bucket.bucketArn] },
    { sid: 'Countersign', actions: ['s3:PutObject', 's3:GetObjectVersion'], resources: [countersigned] },
    { sid: 'Remember', actions: ['dynamodb:GetItem', 'dynamodb:PutItem'], resources: [table.tableArn] },
    { sid: 'Sign', actions: ['kms:Sign', 'kms:GetPublicKey'], resources: [key.keyArn] },
  ];
  return rights.map((each) => new PolicyStatement(each));
}
