import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { toAttributes } from '../../adapters/aws/dynamodb/attributes';
import { DynamoEvidenceStore } from '../../adapters/aws/evidence-store';
import { dynamoLedgerIndex } from '../../adapters/aws/ledger-index';
import { DynamoPolicyArchive } from '../../adapters/aws/policy-archive';
import { dynamoRegistry } from '../../adapters/aws/registry';
import { summaryKey } from '../../adapters/aws/registry/keys';
import { evidenceTable, registryTable } from '../../core/ports/tables';
import { dayOf, openedKey } from '../../core/registry/summary-order';
import { startDynalite, type Dynalite } from '../support/dynalite';
import { writeRun } from '../support/query-runs';
import { MemorySealedStore } from '../../adapters/memory/sealed-store';
import { spillIn } from '../../core/evidence/spill';
import { sealerOver } from '../support/query-sealer';
import { describeQuery } from './query-suite';

let dynamo: Dynalite;
beforeAll(async () => {
  dynamo = await startDynalite();
});
afterAll(() => dynamo.stop());

describeQuery('questions to DynamoDB', async () => {
  const { client } = dynamo;
  const [records, rows] = await Promise.all([dynamo.table(evidenceTable), dynamo.table(registryTable)]);
  const evidence = new DynamoEvidenceStore(client, records);
  const [registry, index] = [dynamoRegistry(client, rows), dynamoLedgerIndex(client, rows)];
  const { sealed, seal } = sealerOver(evidence, index);
  const overwrite = (TableName: string, item: Parameters<typeof toAttributes>[0]) =>
    client.send(new PutItemCommand({ TableName, Item: toAttributes(item) }));
  return {
    ports: {
      registry,
      evidence,
      archive: new DynamoPolicyArchive(client, records),
      index,
      sealed,
      spill: spillIn(new MemorySealedStore()),
    },
    write: async (...runs) => {
      await Promise.all(runs.map((chains) => writeRun({ registry, evidence }, chains)));
    },
    seal,
    edit: async ({ chain, runId, seq, body, hash }) => {
      const sk = `R#${String(seq).padStart(6, '0')}`;
      await overwrite(records, { pk: `${chain}#${runId}`, sk, body, h: hash });
    },
    editRow: async (runId, change) => {
      const row = await registry.summary(runId);
      if (!row) throw new Error(`there is no run ${runId}`);
      const Key = toAttributes({ ...summaryKey(runId) });
      if (change === 'removed') {
        await client.send(new DeleteItemCommand({ TableName: rows, Key }));
        return;
      }
      const edited = { ...row, ...change };
      const found = { openedKey: openedKey(edited), day: dayOf(edited) };
      await overwrite(rows, { ...summaryKey(edited.runId), ...edited, ...found });
    },
  };
});
