import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Registry } from '../../core/ports/registry';
import { Table } from './dynamodb/table';
import { approvals } from './registry/approvals';
import { claims, fenced } from './registry/claims';
import { enrolments } from './registry/enrolments';
import { fleet, identities } from './registry/identities';
import { leases } from './registry/leases';
import { debts, obligations } from './registry/obligations';
import { markers, openRuns } from './registry/open-runs';
import { preemptions } from './registry/preemption';
import { startRequests } from './registry/start-requests';
import { runIndex, summaries } from './registry/summaries';

/** The registry in one DynamoDB table of the shape `registryTable` (core/ports/tables), whole. */
export function dynamoRegistry(client: DynamoDBClient, tableName: string): Registry {
  const table = new Table(client, tableName);
  return {
    ...identities(table),
    ...fleet(table),
    ...enrolments(table),
    ...leases(table),
    ...preemptions(table),
    ...claims(table),
    ...fenced(table),
    ...obligations(table),
    ...debts(table),
    ...markers(table),
    ...openRuns(table),
    ...summaries(table),
    ...runIndex(table),
    ...approvals(table),
    ...startRequests(table),
  };
}
