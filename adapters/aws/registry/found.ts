import * as z from 'zod/mini';
import type { RegistryIndex } from '../../../core/ports/tables';
import type { Item } from '../dynamodb/attributes';
import { readAll } from '../dynamodb/batch';
import type { Expression } from '../dynamodb/expression';
import type { Table } from '../dynamodb/table';
import type { Shards } from './shard';

const key = z.object({ pk: z.string(), sk: z.string() });

/**
 * Items that a sharded index knows, as a strongly consistent read of the table gives them. An index lags behind its
 * table: what was removed meanwhile is left out, what changed meanwhile is as it is now.
 * @param limit the most items read per shard; the caller orders and cuts
 */
export async function foundIn(
  table: Table,
  index: RegistryIndex,
  within: { readonly shards: Shards; readonly keyOf: (shard: string) => Expression; readonly limit?: number },
): Promise<readonly Item[]> {
  const cut = within.limit === undefined ? {} : { limit: within.limit };
  const ranges = within.shards.all.map((shard) =>
    table.query({ index, key: within.keyOf(shard), order: 'ascending', ...cut }),
  );
  const keys = (await Promise.all(ranges)).flat().map((item) => key.parse(item));
  return readAll(table, keys);
}
