import * as z from 'zod/mini';
import type { Enrolment, Enrolments, IdentityRow } from '../../../core/ports/registry';
import { dueIdentities } from '../../../core/registry/due-order';
import { firstRow, policyFields, renewedRow } from '../../../core/registry/enrolment';
import { absent } from '../dynamodb/absent';
import { assign } from '../dynamodb/expression';
import type { Table } from '../dynamodb/table';
import { contended } from './contended';
import { foundIn } from './found';
import { dueFields, ifSlot, readIdentity } from './identities';
import { dueShards, revisionKey, stateKey, enrolledShards } from './keys';
import { identityRow } from './rows/identity';
import { storedVersions } from './rows/versions';

const revisionItem = z.object({ revision: z.string() });

/** Policies in the registry, and what they make due. */
export function enrolments(table: Table): Enrolments {
  return {
    enrolledRevision: async () => {
      const item = await table.get(revisionKey);
      return item && revisionItem.parse(item).revision;
    },
    setEnrolledRevision: async (revision) => void (await table.put({ ...revisionKey, revision })),
    enrol: (enrolment) => enrol(table, enrolment),
    due: (now, limit) => dueBy(table, now, limit),
  };
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
