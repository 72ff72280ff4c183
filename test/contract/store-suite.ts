import { describeApprovals } from './store-suite/approvals';
import { describeEvidence } from './store-suite/evidence';
import { describeLedgerIndex } from './store-suite/ledger-index';
import { describeIdentities } from './store-suite/identities';
import { describeLeases } from './store-suite/leases';
import { describeObligations } from './store-suite/obligations';
import { describeRuns } from './store-suite/runs';
import { describeRunIndex } from './store-suite/run-index';
import type { MakeStores } from './store-suite/stores';

/** Every claim the evidence store, the policy archive and the registry make, whatever keeps them. */
export function describeStores(name: string, makeStores: MakeStores): void {
  describe(name, () => {
    describeEvidence(makeStores);
    describeIdentities(makeStores);
    describeLeases(makeStores);
    describeObligations(makeStores);
    describeRuns(makeStores);
    describeRunIndex(makeStores);
    describeApprovals(makeStores);
    describeLedgerIndex(makeStores);
  });
}
