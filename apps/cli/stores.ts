import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { DynamoEvidenceStore } from '../../adapters/aws/evidence-store';
import { dynamoRegistry } from '../../adapters/aws/registry';
import type { EvidenceStore } from '../../core/ports/evidence-store';
import type { Registry } from '../../core/ports/registry';
import { configOf } from './client-config';
import type { Connection } from './connection';
import { openLateRecords, type LateRecords } from './ledger/late-records';

/** What commands read and start runs with. */
export interface Stores {
  /** The evidence table, and behind its records those that wait to be taken into it. */
  readonly evidence: EvidenceStore;
  readonly late: LateRecords;
  readonly registry: Registry;
  readonly machines: SFNClient;
  /** Lets go of the connections, so that the process can end. */
  close(): void;
}

/** Opens the stores of a deployment. Makes no call yet. */
export function openStores(connection: Connection): Stores {
  const { client, evidenceTable, registryTable } = connection;
  const late = openLateRecords(connection);
  const config = configOf(client);
  const dynamodb = new DynamoDBClient(config);
  const machines = new SFNClient(config);
  return {
    evidence: late.over(new DynamoEvidenceStore(dynamodb, evidenceTable)),
    late,
    registry: dynamoRegistry(dynamodb, registryTable),
    machines,
    close: () => {
      late.close();
      dynamodb.destroy();
      machines.destroy();
    },
  };
}
