import { createHash } from 'node:crypto';

/**
 * Spreads what shares one partition key over several: a partition takes 1,000 writes a second
 * (docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html). The same id is always in
 * the same shard.
 */
export interface Shards {
  /** The partition key of an id. */
  of(id: string): string;
  /** Every partition key. */
  readonly all: readonly string[];
}

/** Shards of that many partitions whose keys begin with `prefix`; at most 256. */
export function shards(prefix: string, count: number): Shards {
  const all = Array.from({ length: count }, (_, shard) => `${prefix}${shard}`);
  return { of: (id) => `${prefix}${(createHash('sha256').update(id).digest()[0] ?? 0) % count}`, all };
}
