import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, ProjectionType, TableV2, type TablePropsV2 } from 'aws-cdk-lib/aws-dynamodb';
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { evidenceTable, registryTable, type TableShape } from '../../core/ports/tables';

/** Actions that would change or remove a record. Nobody has them, by the table's own policy. */
export const recordChanges = [
  'dynamodb:DeleteItem',
  'dynamodb:UpdateItem',
  'dynamodb:BatchWriteItem',
  'dynamodb:PartiQLDelete',
  'dynamodb:PartiQLInsert',
  'dynamodb:PartiQLUpdate',
  'dynamodb:UpdateTimeToLive',
] as const;

/** Append-only records. IAM cannot require a condition expression, so this is hygiene; the hash chain is the proof. */
export class EvidenceTable extends TableV2 {
  constructor(scope: Construct, id: string) {
    // A policy inside the table cannot name the table's ARN; `*` stands for the table it is attached to.
    const deny = new PolicyStatement({
      sid: 'RecordsNeverChange',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: [...recordChanges],
      resources: ['*'],
    });
    super(scope, id, {
      ...protectedTable(evidenceTable),
      resourcePolicy: new PolicyDocument({ statements: [deny] }),
    });
  }
}

/** Identities, leases, obligations, markers and summaries. */
export class RegistryTable extends TableV2 {
  constructor(scope: Construct, id: string) {
    super(scope, id, protectedTable(registryTable));
  }
}

function protectedTable(shape: TableShape): TablePropsV2 {
  return {
    partitionKey: { name: shape.partitionKey, type: AttributeType.STRING },
    sortKey: { name: shape.sortKey, type: AttributeType.STRING },
    billing: Billing.onDemand(),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
    globalSecondaryIndexes: shape.indexes.map((index) => ({
      indexName: index.name,
      partitionKey: { name: index.partitionKey, type: AttributeType.STRING },
      sortKey: { name: index.sortKey, type: AttributeType.STRING },
      projectionType: index.projection === 'ALL' ? ProjectionType.ALL : ProjectionType.KEYS_ONLY,
    })),
  };
}
