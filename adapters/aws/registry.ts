import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Registry } from '../../core/ports/registry';
import { Table } from './dynamodb/table';
import { approvals } from './registry/approvals';
import { identities } from './registry/identities';
import { leases } from './registry/leases';
import { obligations } from './registry/obligations';
import { openRuns } from './registry/open-runs';
import { summaries } from './registry/summaries';

/** The registry in one DynamoDB table of the shape `registryTable` (core/ports/tables). */
export function dynamoRegistry(client: DynamoDBClient, tableName: string): Registry {
  const table = new Table(client, tableName);
  return {
    ...identities(table),
    ...leases(table),
    ...obligations(table),
    ...openRuns(table),
    ...summaries(table),
    ...approvals(table),
  };
}

/** The part of the registry that questions read. Whoever only asks does not carry leases, approvals and markers. */
export function dynamoAnswers(
  client: DynamoDBClient,
  tableName: string,
): Pick<Registry, 'runs' | 'summary' | 'identities' | 'obligationsOf'> {
  const table = new Table(client, tableName);
  return { ...identities(table), ...obligations(table), ...summaries(table) };
}
