import type { VersionRow } from '../../../core/credential';
import type { Registry } from '../../../core/ports/registry';
import {
  foundBy,
  preempted,
  refuseBusy,
  refuseOtherFence,
  takenOver,
} from '../../../core/registry/lease-rules';
import { rowOf, type RegistryTables } from './tables';

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
export function leases(tables: RegistryTables): Leases {
  const rows = tables.identities;
  return {
    claimLease: async (id, lease) => {
      const row = rowOf(tables, id);
      const found = foundBy(row, lease);
      if (found !== undefined) return found;
      const claimed = { ...row, lease, fence: row.fence + 1 };
      rows.set(id, claimed);
      return { row: claimed };
    },
    preemptLease: async (id, lease) => {
      const taken = preempted(rowOf(tables, id), lease);
      if ('heldBy' in taken) return taken;
      if (taken.row) rows.set(id, taken.row);
      return { fence: taken.fence, notBefore: taken.notBefore };
    },
    takeOverLease: async (id, runId, executionArn) => {
      const row = rowOf(tables, id);
      const next = takenOver(row, runId, executionArn);
      rows.set(id, next);
      return { fence: next.fence };
    },
    releaseLease: async (id, runId) => {
      const row = rows.get(id);
      if (row?.lease?.runId === runId) rows.set(id, { ...row, lease: undefined });
    },
    claimBusy: async (id, claim) => {
      const row = rowOf(tables, id);
      refuseBusy(row, claim);
      const claimed = { ...row, busyUntil: claim.until, busyStage: claim.stage };
      rows.set(id, claimed);
      return claimed;
    },
    releaseBusy: async (id, fence, versions) => {
      if (versions !== undefined) setVersions(tables, id, fence, versions);
      const row = rows.get(id);
      if (row?.fence === fence) rows.set(id, { ...row, busyUntil: undefined, busyStage: undefined });
    },
    setVersions: async (id, fence, versions) => setVersions(tables, id, fence, versions),
    setRevoked: async (id, fence, revoked) => {
      const row = rowOf(tables, id);
      refuseOtherFence(row, fence);
      rows.set(id, { ...row, revoked });
    },
  };
}

function setVersions(
  tables: RegistryTables,
  id: string,
  fence: number,
  versions: readonly VersionRow[],
): void {
  const row = rowOf(tables, id);
  refuseOtherFence(row, fence);
  tables.identities.set(id, { ...row, versions });
}
