import { randomUUID } from 'node:crypto';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DynamoEvidenceStore } from '../../adapters/aws/evidence-store';
import { dynamoLedgerIndex } from '../../adapters/aws/ledger-index';
import { DynamoPolicyArchive } from '../../adapters/aws/policy-archive';
import { dynamoRegistry } from '../../adapters/aws/registry';
import { secretsManagerVault } from '../../adapters/aws/vault';
import { evidenceTable, registryTable, type TableShape } from '../../core/ports/tables';
import { describeStores } from '../contract/store-suite';
import { describeVault } from '../contract/vault-suite';
import { creation } from '../support/dynalite';
import { deployedApp } from './deployed-app';

const app = deployedApp();
const dynamodb = new DynamoDBClient(app.client);
const secrets = new SecretsManagerClient(app.client);
afterAll(() => {
  app.close();
  dynamodb.destroy();
  secrets.destroy();
});

async function table(shape: TableShape): Promise<string> {
  const name = `suite-${randomUUID()}`;
  await dynamodb.send(new CreateTableCommand(creation(name, shape)));
  return name;
}

describeStores("stores in the emulated cloud's DynamoDB", async () => {
  const [evidence, registry] = await Promise.all([table(evidenceTable), table(registryTable)]);
  return {
    evidence: new DynamoEvidenceStore(dynamodb, evidence),
    archive: new DynamoPolicyArchive(dynamodb, evidence),
    registry: dynamoRegistry(dynamodb, registry),
    index: dynamoLedgerIndex(dynamodb, registry),
  };
});

describeVault("a vault in the emulated cloud's Secrets Manager", async () => ({
  vault: secretsManagerVault(secrets),
  create: async (Name, ClientRequestToken, material) => {
    const SecretString = material.toVaultText();
    await secrets.send(new CreateSecretCommand({ Name, ClientRequestToken, SecretString }));
  },
}));
