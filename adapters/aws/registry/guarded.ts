import type { IdentityRow } from '../../../core/ports/registry';
import { unknownIdentity } from '../../../core/registry/lease-rules';
import type { Expression } from '../dynamodb/expression';
import type { Table } from '../dynamodb/table';
import { contended } from './contended';
import { readIdentity } from './identities';
import { stateKey } from './keys';
import { identityRow } from './rows/identity';

/** Holds while a row has that fence. */
export function underFence(fence: number): Expression {
  return { text: '#fence = :fence', values: { fence } };
}

/**
 * Changes a row under a condition. When the condition fails, the row as it is decides: `judge` throws, or answers
 * what stands already, or finds nothing in the way any more and the change is tried again.
 */
export async function guarded<T>(
  table: Table,
  id: string,
  change: Expression,
  when: Expression,
  judge: (row: IdentityRow) => T,
): Promise<IdentityRow | NonNullable<T>> {
  for (let attempt = 0; attempt < contended.attempts; attempt++) {
    const changed = await table.update(stateKey(id), change, when);
    if (changed !== undefined) return identityRow(changed);
    const row = await readIdentity(table, id);
    if (row === undefined) throw unknownIdentity(id);
    const stands = judge(row);
    if (stands !== undefined && stands !== null) return stands;
  }
  throw contended.failure(`the row of ${id}`);
}
