import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoEvidenceStore } from '../../../adapters/aws/evidence-store';
import { dynamoLedgerIndex } from '../../../adapters/aws/ledger-index';
import { S3SealedStore } from '../../../adapters/aws/sealed-store';
import { KmsSigner } from '../../../adapters/aws/signer';
import { storeSource } from '../../../core/ledger/store-source';
import type { LedgerSource, Objects } from '../../../core/ledger/verify-source';
import type { Connection } from '../connection';
import { Exit } from '../exit';
import { configOf } from '../client-config';
import { openLateRecords } from './late-records';

/** The ledger of a deployment, in its own stores. */
export interface LiveLedger {
  /** What the deployment calls its ledger. A verifier pins it, and never takes it from here. */
  readonly origin: string;
  readonly source: LedgerSource;
  /** The signing key's public half, PEM. To be pinned by whoever verifies. */
  publicKey(): Promise<string>;
  close(): void;
}

// Lists of the sweep lie in the same bucket, and are no part of the ledger.
const FOLDERS = ['leaves/', 'tile/', 'checkpoint/', 'pulse/'] as const;

/** Opens a deployment's ledger. Makes no call yet. @throws Exit usage when the deployment names none */
export function openLedger(connection: Connection): LiveLedger {
  const { client, evidenceTable, registryTable, ledger } = connection;
  const { id, bucket, signingKey } = ledger;
  if (id === undefined || bucket === undefined || signingKey === undefined) {
    throw new Exit(
      'usage',
      'The ledger of this deployment is not named. Nothing was read. Set GAPLESS_LEDGER_ID, GAPLESS_SEALED_BUCKET and GAPLESS_SIGNING_KEY to the outputs LedgerId (GaplessWorkflow), ListsBucket and SigningKey (GaplessEvidence).',
    );
  }
  const config = configOf(client);
  const [dynamodb, s3, kms] = [new DynamoDBClient(config), new S3Client(config), new KMSClient(config)];
  const evidence = new DynamoEvidenceStore(dynamodb, evidenceTable);
  const late = openLateRecords(connection);
  const stores = {
    sealed: sealedOnly(new S3SealedStore(s3, bucket)),
    evidence,
    late: late.over(evidence),
    index: dynamoLedgerIndex(dynamodb, registryTable),
  };
  return {
    origin: id,
    source: storeSource(stores),
    publicKey: () => new KmsSigner(kms, signingKey).publicKey(),
    close: () => {
      [dynamodb, s3, kms].forEach((each) => each.destroy());
      late.close();
    },
  };
}

function sealedOnly(sealed: Objects): Objects {
  return {
    get: (key) => sealed.get(key),
    versions: async (prefix) => {
      if (prefix !== '') return sealed.versions(prefix);
      return (await Promise.all(FOLDERS.map((folder) => sealed.versions(folder)))).flat();
    },
  };
}
