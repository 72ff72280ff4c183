import type { Fleet, Identities, IdentityRow } from '../../../core/ports/registry';
import { assign, type Expression } from '../dynamodb/expression';
import type { Table } from '../dynamodb/table';
import { foundIn } from './found';
import { dueShards, enrolledShards, stateKey } from './keys';
import { identityRow } from './rows/identity';

/** Identity rows, one by one. */
export function identities(table: Table): Identities {
  return {
    identity: (id) => readIdentity(table, id),
    schedule: async (id, ended, next) => {
      await table.update(stateKey(id), assign(dueFields(id, next)), ifSlot({ slot: ended }));
    },
  };
}

/** All identities. */
export function fleet(table: Table): Fleet {
  return { identities: () => everyIdentity(table) };
}

/** Strongly consistent read of an identity's row. */
export async function readIdentity(table: Table, id: string): Promise<IdentityRow | undefined> {
  const item = await table.get(stateKey(id));
  return item && identityRow(item);
}

async function everyIdentity(table: Table): Promise<readonly IdentityRow[]> {
  const items = await foundIn(table, 'enrolled', { shards: enrolledShards, keyOf: wholeShard });
  return items.map(identityRow).toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function wholeShard(shard: string): Expression {
  return { text: '#enrolledPartition = :shard', values: { shard } };
}

/** Fields that say what is due. `duePartition` goes with `dueAt`: a row without a time is in no index of what is due. */
export function dueFields(
  id: string,
  { slot, dueAt, attempt }: Pick<IdentityRow, 'slot' | 'dueAt' | 'attempt'>,
) {
  return { slot, dueAt, duePartition: dueAt === undefined ? undefined : dueShards.of(id), attempt };
}

/** Holds while the slot is that of the row: what is due next is decided from what was read, and a run that schedules meanwhile wins. */
export function ifSlot({ slot }: Pick<IdentityRow, 'slot'>): Expression {
  if (slot === undefined)
    return { text: 'attribute_exists(#pk) AND attribute_not_exists(#slot)', values: {} };
  return { text: '#slot = :ended', values: { ended: slot } };
}
