import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';

/** What reads cost. */
export interface Metered {
  /** Read capacity units, as the table counts them. */
  readonly units: number;
  /** Calls of Query and GetItem, which are pages. */
  readonly pages: number;
  readonly items: number;
  /** The fewest units that the same items can be read with: half a unit for each 4 KB of a page of an index, one of a table. */
  readonly fewest: number;
}

const output = z.object({
  ConsumedCapacity: z.object({ CapacityUnits: z.number() }),
  Items: z._default(z.array(z.record(z.string(), z.unknown())), []),
});
const PAGE_BYTES = 4_096;

/** Counts what a client's queries cost, from now on. @returns takes the count and begins a new one */
export function meter(client: DynamoDBClient): () => Metered {
  let sofar = { units: 0, pages: 0, items: 0, fewest: 0 };
  client.middlewareStack.add(
    (next) => async (args) => {
      const answer = await next({
        ...args,
        input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' },
      });
      const { ConsumedCapacity, Items } = output.parse(answer.output);
      const bytes = Items.reduce((sum, item) => sum + sizeOf(item), 0);
      const halves = 'IndexName' in args.input ? 0.5 : 1;
      sofar = {
        units: sofar.units + ConsumedCapacity.CapacityUnits,
        pages: sofar.pages + 1,
        items: sofar.items + Items.length,
        fewest: sofar.fewest + Math.max(1, Math.ceil(bytes / PAGE_BYTES)) * halves,
      };
      return answer;
    },
    { step: 'initialize', name: 'meter' },
  );
  return () => {
    const taken = sofar;
    sofar = { units: 0, pages: 0, items: 0, fewest: 0 };
    return taken;
  };
}

/** Size of a value as DynamoDB counts it (developer guide, "DynamoDB item sizes"): names and values, lists and maps 3 more. */
function sizeOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.entries(value).reduce(
    (sum, [name, held]) => sum + Buffer.byteLength(name) + sizeOfAttribute(held),
    0,
  );
}

function sizeOfAttribute(attribute: unknown): number {
  if (typeof attribute !== 'object' || attribute === null) return 1;
  if ('S' in attribute) return Buffer.byteLength(String(attribute.S));
  if ('N' in attribute) return Math.ceil(String(attribute.N).length / 2) + 1;
  if ('L' in attribute && Array.isArray(attribute.L))
    return attribute.L.reduce<number>((sum, each) => sum + 1 + sizeOfAttribute(each), 3);
  if ('M' in attribute) return 3 + sizeOf(attribute.M);
  return 1;
}
