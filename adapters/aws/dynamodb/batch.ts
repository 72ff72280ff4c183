import { BatchGetItemCommand } from '@aws-sdk/client-dynamodb';
import { Failure } from '../../../core/failure';
import { fromAttributes, toAttributes, type Item } from './attributes';
import type { AppendTable, Key } from './table';

// BatchGetItem takes at most 100 keys (DynamoDB API reference, BatchGetItem).
const BATCH = 100;

/**
 * Strongly consistent read of many items, in no order; those that are not there are left out.
 * @throws Failure StoreUnavailable when the table does not answer, or leaves keys unanswered; Internal
 */
export async function readAll(table: AppendTable, keys: readonly Key[]): Promise<readonly Item[]> {
  const items: Item[] = [];
  for (let from = 0; from < keys.length; from += BATCH) {
    items.push(...(await batch(table, keys.slice(from, from + BATCH))));
  }
  return items;
}

async function batch(table: AppendTable, keys: readonly Key[]): Promise<readonly Item[]> {
  const { client, name } = table;
  const items: Item[] = [];
  let wanted = keys.map((key) => toAttributes({ ...key }));
  // A throttled batch comes back in part, and each round gives at least one item or the call itself fails.
  for (let round = 0; wanted.length > 0; round++) {
    if (round === keys.length) throw unanswered(name, wanted.length, keys.length);
    const request = { RequestItems: { [name]: { Keys: wanted, ConsistentRead: true } } };
    const page = await table.ask('BatchGetItem', `table ${name}`, 'read', () =>
      client.send(new BatchGetItemCommand(request)),
    );
    items.push(...(page.Responses?.[name] ?? []).map(fromAttributes));
    wanted = page.UnprocessedKeys?.[name]?.Keys ?? [];
  }
  return items;
}

function unanswered(name: string, left: number, asked: number): Failure {
  const message = `dynamodb:BatchGetItem on table ${name} left ${left} of ${asked} keys unanswered. Nothing was changed. Repeat the step.`;
  return new Failure('StoreUnavailable', message, 'none');
}
