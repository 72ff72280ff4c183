import type { Claims, Fenced, IdentityRow } from '../../../core/ports/registry';
import { refuseBusy, refuseOtherFence, type BusyClaim } from '../../../core/registry/lease-rules';
import { assign } from '../dynamodb/expression';
import type { Table } from '../dynamodb/table';
import { guarded, underFence } from './guarded';
import { stateKey } from './keys';
import { storedVersions } from './rows';

/** Who acts on an identity. */
export function claims(table: Table): Claims {
  return {
    claimBusy: (id, claim) => claimBusy(table, id, claim),
    releaseBusy: async (id, fence) => {
      await table.update(
        stateKey(id),
        assign({ busyUntil: undefined, busyStage: undefined }),
        underFence(fence),
      );
    },
  };
}

/** What is written under a fence. */
export function fenced(table: Table): Fenced {
  return {
    setVersions: async (id, fence, versions) => {
      const change = assign({ versions: storedVersions(versions) });
      await guarded(table, id, change, underFence(fence), (row) => refuseOtherFence(row, fence));
    },
    setRevoked: async (id, fence, revoked) => {
      const change = assign({ revoked: revoked && { ...revoked } });
      await guarded(table, id, change, underFence(fence), (row) => refuseOtherFence(row, fence));
    },
  };
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
