import { DynamoEvidenceStore } from '../../adapters/aws/evidence-store';
import { dynamoLedgerIndex } from '../../adapters/aws/ledger-index';
import { DynamoPolicyArchive } from '../../adapters/aws/policy-archive';
import { dynamoRegistry } from '../../adapters/aws/registry';
import { evidenceTable, registryTable } from '../../core/ports/tables';
import { startDynalite, type Dynalite } from '../support/dynalite';
import { describeStores } from './store-suite';

let dynamo: Dynalite;
beforeAll(async () => {
  dynamo = await startDynalite();
});
afterAll(() => dynamo.stop());

describeStores('stores in DynamoDB', async () => {
  const [evidence, registry] = await Promise.all([dynamo.table(evidenceTable), dynamo.table(registryTable)]);
  return {
    evidence: new DynamoEvidenceStore(dynamo.client, evidence),
    archive: new DynamoPolicyArchive(dynamo.client, evidence),
    registry: dynamoRegistry(dynamo.client, registry),
    index: dynamoLedgerIndex(dynamo.client, registry),
  };
});
