import type { Lease, Leases, Releases } from '../../../core/ports/registry';
import { foundBy, takenOver, type Claimed } from '../../../core/registry/lease-rules';
import { assign } from '../dynamodb/expression';
import type { Table } from '../dynamodb/table';
import { guarded } from './guarded';
import { stateKey } from './keys';

/** Giving an identity back. */
export function releases(table: Table): Releases {
  return {
    releaseLease: async (id, runId) => {
      const held = { text: '#lease.#runId = :runId', values: { runId } };
      await table.update(stateKey(id), assign({ lease: undefined }), held);
    },
  };
}

/** Who owns an identity. */
export function leases(table: Table): Leases {
  return {
    ...releases(table),
    claimLease: (id, lease) => claimLease(table, id, lease),
    takeOverLease: (id, runId, executionArn) => takeOverLease(table, id, runId, executionArn),
  };
}

async function claimLease(table: Table, id: string, lease: Lease): Promise<Claimed> {
  const change = {
    text: 'SET #lease = :lease, #fence = #fence + :one',
    values: { lease: { ...lease }, one: 1 },
  };
  const free = { text: 'attribute_exists(#pk) AND attribute_not_exists(#lease)', values: {} };
  const claimed = await guarded(table, id, change, free, (row) => foundBy(row, lease));
  return 'row' in claimed ? claimed : { row: claimed };
}

async function takeOverLease(
  table: Table,
  id: string,
  runId: string,
  executionArn: string,
): Promise<{ readonly fence: number }> {
  const change = {
    text: 'SET #lease.#executionArn = :executionArn, #fence = #fence + :one',
    values: { executionArn, one: 1 },
  };
  const condition = {
    text: '#lease.#runId = :runId AND #lease.#executionArn <> :executionArn',
    values: { runId, executionArn },
  };
  const { fence } = await guarded(table, id, change, condition, (row) => {
    const next = takenOver(row, runId, executionArn);
    return next === row ? row : undefined;
  });
  return { fence };
}
