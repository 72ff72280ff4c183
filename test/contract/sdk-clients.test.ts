import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { clientOf, sdk } from '../../lambdas/runtime/sdk';
import type { TableShape } from '../../core/ports/tables';
import { startDynalite, type Dynalite } from '../support/dynalite';

const MARKER = 'marker-that-no-logger-may-see';
const shape: TableShape = {
  partitionKey: 'pk',
  sortKey: 'sk',
  indexes: [],
  readActions: [],
  createActions: [],
  changeActions: [],
  deleteActions: [],
};

let dynalite: Dynalite;
let TableName: string;
beforeAll(async () => {
  dynalite = await startDynalite();
  TableName = await dynalite.table(shape);
});
afterAll(() => dynalite.stop());

type Options = typeof sdk;
type Made = (Client: new (options: Options) => DynamoDBClient) => DynamoDBClient;

/** Everything a client's logger is told while an item is put, and put again where that is refused. */
async function heard(sk: string, made: Made): Promise<string> {
  const lines: unknown[] = [];
  const hear = (...said: unknown[]) => void lines.push(said);
  const { endpoint, region, credentials } = dynalite.client.config;
  const logger = { debug: hear, info: hear, warn: hear, error: hear };
  class Heard extends DynamoDBClient {
    constructor(options: Options) {
      super({ ...options, ...(endpoint && { endpoint }), region, credentials, logger });
    }
  }
  const client = made(Heard);
  const Item = { pk: { S: MARKER }, sk: { S: sk } };
  const put = () =>
    client.send(new PutItemCommand({ TableName, Item, ConditionExpression: 'attribute_not_exists(pk)' }));
  await put();
  await expect(put()).rejects.toThrow('The conditional request failed');
  client.destroy();
  return JSON.stringify(lines);
}

describe('clients of functions', () => {
  test('a client as the SDK makes it tells its logger inputs: the control of the next claim', async () => {
    expect(await heard('plain', (Client) => new Client(sdk))).toContain(MARKER);
  });

  test('a client of ours tells its logger nothing of an input, in an answer or in a refusal', async () => {
    expect(await heard('ours', clientOf)).not.toContain(MARKER);
  });
});
