import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import type { WitnessMemoryStore } from '../../core/ports/witness-memory';
import { absent } from './dynamodb/absent';
import { Table, type Key } from './dynamodb/table';

const memoryKey: Key = { pk: 'WITNESS', sk: 'LAST' };
const row = z.object({ size: z.int(), root: z.string(), checkpointHash: z.string(), time: z.string() });

/** A witness's memory: one item of a table in its own account. */
export function dynamoWitnessMemory(client: DynamoDBClient, tableName: string): WitnessMemoryStore {
  const table = new Table(client, tableName);
  return {
    read: async () => {
      const item = await table.get(memoryKey);
      return item && row.parse(item);
    },
    write: async (before, after) => {
      const unchanged = before && {
        text: '#checkpointHash = :hash',
        values: { hash: before.checkpointHash },
      };
      const done = await table.put({ ...memoryKey, ...after }, unchanged ?? absent);
      return done === 'written' ? 'written' : 'moved on';
    },
  };
}
