import type { IdentityRow, Lease, Preemptions } from '../../../core/ports/registry';
import { preempted, unknownIdentity } from '../../../core/registry/lease-rules';
import { assign, type Expression } from '../dynamodb/expression';
import type { Table } from '../dynamodb/table';
import { contended } from './contended';
import { readIdentity } from './identities';
import { stateKey } from './keys';
import { releases } from './leases';

/** Taking an identity away. */
export function preemptions(table: Table): Preemptions {
  return { ...releases(table), preemptLease: (id, lease) => preemptLease(table, id, lease) };
}

async function preemptLease(table: Table, id: string, lease: Lease) {
  for (let attempt = 0; attempt < contended.attempts; attempt++) {
    const row = await readIdentity(table, id);
    if (row === undefined) throw unknownIdentity(id);
    const taken = preempted(row, lease);
    if ('heldBy' in taken) return taken;
    const { fence, notBefore } = taken;
    if (taken.row === undefined) return { fence, notBefore };
    const change = assign({
      lease: { ...lease },
      fence,
      busyUntil: undefined,
      busyStage: undefined,
      actingUntil: notBefore,
    });
    if ((await table.update(stateKey(id), change, unchanged(row))) !== undefined) return { fence, notBefore };
  }
  throw contended.failure(`the row of ${id}`);
}

// A worker that started to act after the row was read has to be waited for too.
function unchanged({ fence, busyUntil }: IdentityRow): Expression {
  const busy = busyUntil === undefined ? 'attribute_not_exists(#busyUntil)' : '#busyUntil = :acting';
  return { text: `#fence = :before AND ${busy}`, values: { before: fence, acting: busyUntil } };
}
