import type { Claims, Fenced, IdentityRow } from '../../../core/ports/registry';
import { refuseBusy, refuseOtherFence, type BusyClaim } from '../../../core/registry/lease-rules';
import { assign, type Expression } from '../dynamodb/expression';
import type { Table } from '../dynamodb/table';
import { guarded, underFence } from './guarded';
import { stateKey } from './keys';
import { storedVersions } from './rows/versions';

/** Who acts on an identity. */
export function claims(table: Table): Claims {
  return {
    claimBusy: (id, claim) => claimBusy(table, id, claim),
    releaseBusy: async (id, fence, versions) => {
      const done = { busyUntil: undefined, busyStage: undefined };
      if (versions === undefined) await table.update(stateKey(id), assign(done), underFence(fence));
      else await write(table, id, fence, assign({ ...done, versions: storedVersions(versions) }));
    },
  };
}

/** What is written under a fence. */
export function fenced(table: Table): Fenced {
  return {
    setVersions: async (id, fence, versions) => {
      await write(table, id, fence, assign({ versions: storedVersions(versions) }));
    },
    setRevoked: async (id, fence, revoked) => {
      await write(table, id, fence, assign({ revoked: revoked && { ...revoked } }));
    },
  };
}

async function write(table: Table, id: string, fence: number, change: Expression): Promise<void> {
  await guarded(table, id, change, underFence(fence), (row) => refuseOtherFence(row, fence));
}

async function claimBusy(table: Table, id: string, claim: BusyClaim): Promise<IdentityRow> {
  const { fence, now } = claim;
  const change = assign({ busyUntil: claim.until, busyStage: claim.stage });
  const { text, values } = underFence(fence);
  // The fence stands on both sides of OR, which binds looser than AND: dynalite, which the engine runs on, takes five times
  // as long to parse the same with parentheses.
  const idle = {
    text: `${text} AND attribute_not_exists(#busyUntil) OR ${text} AND #busyUntil <= :now`,
    values: { ...values, now },
  };
  return guarded(table, id, change, idle, (row): undefined => {
    refuseBusy(row, claim);
  });
}
