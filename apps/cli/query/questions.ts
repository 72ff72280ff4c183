import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoEvidenceStore } from '../../../adapters/aws/evidence-store';
import { dynamoLedgerIndex } from '../../../adapters/aws/ledger-index';
import { DynamoPolicyArchive } from '../../../adapters/aws/policy-archive';
import { dynamoRegistry } from '../../../adapters/aws/registry';
import { S3SealedStore } from '../../../adapters/aws/sealed-store';
import { spillIn } from '../../../core/evidence/spill';
import type { RunFilter, RunQuery } from '../../../core/ports/registry';
import * as answers from '../../../core/query/answers';
import { takeCensus } from '../../../core/query/census';
import { checkedRuns, runRows } from '../../../core/query/checked-runs';
import { lapsed } from '../../../core/query/lapsed';
import { laterCensus } from '../../../core/query/later-census';
import { callApi } from '../api/call-api';
import type { Connection } from '../connection';
import { serverTime } from '../server-time';
import { configOf } from '../client-config';

/** What can be asked of a deployment's evidence. Nothing here changes anything. */
export interface Questions {
  rows(query: RunQuery): Promise<answers.RowPage>;
  checked(query: RunQuery): Promise<answers.CheckedPage>;
  census(filter: RunFilter): Promise<answers.CensusPart>;
  later(filter: RunFilter, from: number): Promise<answers.LaterAnswer>;
  lapsed(): Promise<answers.LapsedAnswer>;
  close(): void;
}

/** Asks the query URL where it is known, else the tables by the same code, with the caller's own rights to them. */
export function openQuestions(connection: Connection): Questions {
  return connection.urls.query === undefined ? ofTables(connection) : ofUrl(connection);
}

/** Session name of whoever reads on a local engine. */
const READER = 'reader';

function ofUrl(connection: Connection): Questions {
  const ask = (path: string, body: object): Promise<unknown> =>
    callApi(connection, { api: 'query', method: 'POST', path, body, as: READER });
  return {
    rows: async (query) => answers.rowPage.parse(await ask('runs', query)),
    checked: async (query) => answers.checkedPage.parse(await ask('evidence', query)),
    census: async (filter) => answers.censusPart.parse(await ask('census', filter)),
    later: async (filter, from) => answers.laterAnswer.parse(await ask('later', { ...filter, from })),
    lapsed: async () => answers.lapsedAnswer.parse(await ask('lapsed', {})),
    close: () => undefined,
  };
}

function ofTables(connection: Connection): Questions {
  const { client, evidenceTable, registryTable, ledger } = connection;
  const config = configOf(client);
  const [dynamodb, s3] = [new DynamoDBClient(config), new S3Client(config)];
  const bucket = ledger.bucket === undefined ? undefined : new S3SealedStore(s3, ledger.bucket);
  const ports = {
    registry: dynamoRegistry(dynamodb, registryTable),
    evidence: new DynamoEvidenceStore(dynamodb, evidenceTable),
    archive: new DynamoPolicyArchive(dynamodb, evidenceTable),
    index: dynamoLedgerIndex(dynamodb, registryTable),
    sealed: bucket,
    spill: bucket && spillIn(bucket),
  };
  return {
    rows: (query) => runRows(ports, query),
    checked: (query) => checkedRuns(ports, query),
    census: (filter) => takeCensus(ports, filter),
    later: (filter, from) => laterCensus(ports, filter, from),
    lapsed: async () => lapsed(ports, new Date((await serverTime(connection)).at).toISOString()),
    close: () => [dynamodb, s3].forEach((each) => each.destroy()),
  };
}
