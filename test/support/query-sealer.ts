import { MemorySealedStore } from '../../adapters/memory/sealed-store';
import { MemorySigner } from '../../adapters/memory/signer';
import type { EvidenceStore } from '../../core/ports/evidence-store';
import type { LedgerIndex } from '../../core/ports/ledger-index';
import { seal } from '../../lambdas/steps/seal/run';
import { after, LEDGER_ID } from './chains';
import { sealerKeys } from './ledger-scene';

/** A sealer over any stores; it seals an hour after the first run, or so many seconds after it. */
export function sealerOver(evidence: EvidenceStore, index: LedgerIndex) {
  const sealed = new MemorySealedStore();
  let seconds = 3_600;
  const deps = {
    now: () => Date.parse(after(seconds)),
    holder: () => 'sealer',
    timeoutMs: 50_000,
    ledgerId: LEDGER_ID,
    evidence,
    index,
    sealed,
    signer: new MemorySigner(sealerKeys.privateKey),
  };
  return {
    sealed,
    seal: async (at = 3_600) => {
      seconds = at;
      await seal(deps);
    },
  };
}
