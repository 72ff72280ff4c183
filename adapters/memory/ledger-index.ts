import type { LedgerIndex, SealedRun } from '../../core/ports/ledger-index';
import { sealerLost } from '../../core/registry/sealer-rules';
import { inOrder } from './registry/runs';
import type { RegistryTables, SealerRow } from './registry/tables';

const NOBODY: SealerRow = { claim: undefined, fence: 0, size: 0 };

/** What Seal keeps, in the tables of a memory registry. */
export function memoryLedgerIndex({ sealer, markers, sealedRuns }: RegistryTables): LedgerIndex {
  const row = () => sealer.get('row') ?? NOBODY;
  return {
    claimSealer: async (claim) => {
      const { claim: held, fence, size } = row();
      if (held && held.holder !== claim.holder && held.until > claim.now) return { heldUntil: held.until };
      sealer.set('row', { claim, fence: fence + 1, size });
      return { fence: fence + 1, size };
    },
    releaseSealer: async (holder) => {
      if (row().claim?.holder === holder) sealer.set('row', { ...row(), claim: undefined });
    },
    advance: async (step) => {
      if (row().fence !== step.fence || row().size !== step.from) throw sealerLost(step);
      sealer.set('row', { ...row(), size: step.to });
    },
    markers: async () => inOrder(markers),
    dropMarker: async (runId) => {
      if (markers.get(runId)?.state === 'closed') markers.delete(runId);
    },
    reopenRun: async (runId) => {
      const there = markers.get(runId);
      if (there) markers.set(runId, { ...there, state: 'open' });
    },
    sealedRuns: async (runIds) => runIds.flatMap((runId) => sealedRuns.get(runId) ?? []),
    putSealedRun: async (before, after) => {
      if (placeOf(sealedRuns.get(after.runId)) !== placeOf(before)) return 'moved on';
      sealedRuns.set(after.runId, after);
      return 'written';
    },
  };
}

function placeOf(sealed: SealedRun | undefined): string {
  return sealed ? `${sealed.run.seq} ${sealed.proof.seq}` : 'nothing';
}
