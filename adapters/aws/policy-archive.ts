import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import type { PolicyArchive } from '../../core/ports/policy-archive';
import { evidenceKeys } from '../../core/ports/tables';
import { absent } from './dynamodb/absent';
import { Table } from './dynamodb/table';

const storedBody = z.object({ body: z.string() });

/** Policy bodies in the evidence table: `POLICY#<sha256>`, written once. */
export class DynamoPolicyArchive implements PolicyArchive {
  readonly #table: Table;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#table = new Table(client, tableName);
  }

  async put(sha256: string, body: string): Promise<'stored' | 'exists'> {
    const done = await this.#table.put({ ...keyOf(sha256), body }, absent);
    return done === 'written' ? 'stored' : 'exists';
  }

  async get(sha256: string): Promise<string | undefined> {
    const item = await this.#table.get(keyOf(sha256));
    return item && storedBody.parse(item).body;
  }
}

function keyOf(sha256: string) {
  return { pk: `${evidenceKeys.policy}${sha256}`, sk: 'BODY' };
}
