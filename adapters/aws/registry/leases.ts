import type { IdentityRow, Lease, Registry } from '../../../core/ports/registry';
import {
  foundBy,
  preempted,
  refuseBusy,
  refuseOtherFence,
  takenOver,
  unknownIdentity,
  type BusyClaim,
  type Claimed,
} from '../../../core/registry/lease-rules';
import { assign, type Expression } from '../dynamodb/expression';
import type { Table } from '../dynamodb/table';
import { contended } from './contended';
import { readIdentity } from './identities';
import { stateKey } from './keys';
import { identityRow, storedVersions } from './rows';

type Leases = Pick<
  Registry,
  | 'claimLease'
  | 'preemptLease'
  | 'takeOverLease'
  | 'releaseLease'
  | 'claimBusy'
  | 'releaseBusy'
  | 'setVersions'
  | 'setRevoked'
>;

/** Who owns an identity, who acts on it, and what is written under a fence. */
export function leases(table: Table): Leases {
  return {
    claimLease: (id, lease) => claimLease(table, id, lease),
    preemptLease: (id, lease) => preemptLease(table, id, lease),
    takeOverLease: (id, runId, executionArn) => takeOverLease(table, id, runId, executionArn),
    releaseLease: async (id, runId) => {
      const held = { text: '#lease.#runId = :runId', values: { runId } };
      await table.update(stateKey(id), assign({ lease: undefined }), held);
    },
    claimBusy: (id, claim) => claimBusy(table, id, claim),
    releaseBusy: async (id, fence, versions) => {
      const done = { busyUntil: undefined, busyStage: undefined };
      if (versions === undefined) await table.update(stateKey(id), assign(done), underFence(fence));
      else await fenced(table, id, fence, assign({ ...done, versions: storedVersions(versions) }));
    },
    setVersions: async (id, fence, versions) => {
      await fenced(table, id, fence, assign({ versions: storedVersions(versions) }));
    },
    setRevoked: async (id, fence, revoked) => {
      await fenced(table, id, fence, assign({ revoked: revoked && { ...revoked } }));
    },
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

async function claimBusy(table: Table, id: string, claim: BusyClaim): Promise<IdentityRow> {
  const { fence, now } = claim;
  const change = assign({ busyUntil: claim.until, busyStage: claim.stage });
  const idle = {
    text: '#fence = :fence AND (attribute_not_exists(#busyUntil) OR #busyUntil <= :now)',
    values: { fence, now },
  };
  return guarded(table, id, change, idle, (row): undefined => {
    refuseBusy(row, claim);
  });
}

function underFence(fence: number): Expression {
  return { text: '#fence = :fence', values: { fence } };
}

async function fenced(table: Table, id: string, fence: number, change: Expression): Promise<void> {
  await guarded(table, id, change, underFence(fence), (row) => refuseOtherFence(row, fence));
}

/**
 * Changes a row under a condition. When the condition fails, the row as it is decides: `judge` throws, or answers
 * what stands already, or finds nothing in the way any more and the change is tried again.
 */
async function guarded<T>(
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
