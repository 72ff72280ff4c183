import * as z from 'zod/mini';
import type { Enrolment, IdentityRow, Registry } from '../../../core/ports/registry';
import { dueIdentities } from '../../../core/registry/due-order';
import { firstRow, policyFields, renewedRow } from '../../../core/registry/enrolment';
import { absent } from '../dynamodb/absent';
import { assign, type Expression } from '../dynamodb/expression';
import type { Table } from '../dynamodb/table';
import { contended } from './contended';
import { foundIn } from './found';
import { dueShards, enrolledShards, revisionKey, stateKey } from './keys';
import { identityRow, storedVersions } from './rows';

type Identities = Pick<
  Registry,
  'identity' | 'identities' | 'enrolledRevision' | 'setEnrolledRevision' | 'enrol' | 'due' | 'schedule'
>;

const revisionItem = z.object({ revision: z.string() });

/** Identity rows and what is due. */
export function identities(table: Table): Identities {
  return {
    identity: (id) => readIdentity(table, id),
    identities: () => everyIdentity(table),
    enrolledRevision: async () => {
      const item = await table.get(revisionKey);
      return item && revisionItem.parse(item).revision;
    },
    setEnrolledRevision: async (revision) => void (await table.put({ ...revisionKey, revision })),
    enrol: (enrolment) => enrol(table, enrolment),
    due: (now, limit) => dueBy(table, now, limit),
    schedule: async (id, ended, next) => {
      await table.update(stateKey(id), assign(dueFields(id, next)), ifSlot({ slot: ended }));
    },
  };
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

async function dueBy(table: Table, now: string, limit: number): Promise<readonly IdentityRow[]> {
  const keyOf = (shard: string) => ({
    text: '#duePartition = :shard AND #dueAt <= :now',
    values: { shard, now },
  });
  const items = await foundIn(table, 'due', { shards: dueShards, keyOf, limit });
  return dueIdentities(items.map(identityRow), now, limit);
}

async function enrol(table: Table, enrolment: Enrolment): Promise<'created' | 'updated'> {
  const { id } = enrolment;
  for (let attempt = 0; attempt < contended.attempts; attempt++) {
    const row = await readIdentity(table, id);
    if (row === undefined) {
      if ((await table.put(firstItem(enrolment), absent)) === 'written') return 'created';
    } else {
      const next = renewedRow(row, enrolment);
      // A slot that stays is not written: a failed attempt may be putting off its due time right now.
      const due = next.slot === row.slot ? {} : dueFields(id, next);
      const change = assign({ ...policyFields(enrolment), ...due });
      if (await table.update(stateKey(id), change, ifSlot(row))) return 'updated';
    }
  }
  throw contended.failure(`the row of ${id}`);
}

function firstItem(enrolment: Enrolment) {
  const { id } = enrolment;
  const { versions, ...first } = firstRow(enrolment);
  return {
    ...stateKey(id),
    ...first,
    lease: undefined,
    revoked: undefined,
    ...dueFields(id, first),
    versions: storedVersions(versions),
    enrolledPartition: enrolledShards.of(id),
  };
}

// `duePartition` goes with `dueAt`: a row without a time is in no index of what is due.
function dueFields(id: string, { slot, dueAt, attempt }: Pick<IdentityRow, 'slot' | 'dueAt' | 'attempt'>) {
  return { slot, dueAt, duePartition: dueAt === undefined ? undefined : dueShards.of(id), attempt };
}

// What is due next is decided from what was read: a run that schedules meanwhile wins.
function ifSlot({ slot }: Pick<IdentityRow, 'slot'>): Expression {
  if (slot === undefined)
    return { text: 'attribute_exists(#pk) AND attribute_not_exists(#slot)', values: {} };
  return { text: '#slot = :ended', values: { ended: slot } };
}
