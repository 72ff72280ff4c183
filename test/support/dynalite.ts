import { createRequire } from 'node:module';
import type { Server } from 'node:http';
import { CreateTableCommand, DynamoDBClient, type CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import type { TableShape } from '../../core/ports/tables';
import { listenOnLoopback } from './loopback';

// The SDK's notice about Node 20 is not what these tests are about.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const createDynalite = z.parse(
  z.custom<(options: { createTableMs: number; path?: string }) => Server>(
    (value) => typeof value === 'function',
  ),
  createRequire(__filename)('dynalite'),
);

/** A DynamoDB in this process, on loopback, kept in memory. */
export interface Dynalite {
  readonly client: DynamoDBClient;
  /** Another client, for a test that changes it. */
  connect(): DynamoDBClient;
  /** Creates an empty table of a shape under a name of its own, and gives the name. */
  table(shape: TableShape): Promise<string>;
  stop(): Promise<void>;
}

/** Starts a DynamoDB on a free port. @param path folder to keep its tables in, for more than fits in memory */
export async function startDynalite(path?: string): Promise<Dynalite> {
  const server = createDynalite({ createTableMs: 0, ...(path !== undefined && { path }) });
  // A connection closed for being idle, just as a busy machine uses it again, would fail a call for no reason.
  server.keepAliveTimeout = 120_000;
  const port = await listenOnLoopback(server);
  const clients: DynamoDBClient[] = [];
  const connect = () => {
    const client = new DynamoDBClient({
      endpoint: `http://127.0.0.1:${port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      maxAttempts: 1,
    });
    clients.push(client);
    return client;
  };
  const client = connect();
  let tables = 0;
  return {
    client,
    connect,
    table: async (shape) => {
      const name = `table-${tables++}`;
      await client.send(new CreateTableCommand(creation(name, shape)));
      return name;
    },
    stop: async () => {
      for (const each of clients) each.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

/** What CreateTable is asked for a table of a shape. */
export function creation(TableName: string, shape: TableShape): CreateTableCommandInput {
  const keys = [shape, ...shape.indexes];
  const attributes = new Set(keys.flatMap(({ partitionKey, sortKey }) => [partitionKey, sortKey]));
  const indexes = shape.indexes.map((index) => ({
    IndexName: index.name,
    KeySchema: keySchema(index),
    Projection: { ProjectionType: index.projection },
  }));
  return {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: keySchema(shape),
    AttributeDefinitions: [...attributes].map((AttributeName) => ({
      AttributeName,
      AttributeType: 'S' as const,
    })),
    ...(indexes.length > 0 ? { GlobalSecondaryIndexes: indexes } : {}),
  };
}

function keySchema({ partitionKey, sortKey }: Pick<TableShape, 'partitionKey' | 'sortKey'>) {
  return [
    { AttributeName: partitionKey, KeyType: 'HASH' as const },
    { AttributeName: sortKey, KeyType: 'RANGE' as const },
  ];
}
