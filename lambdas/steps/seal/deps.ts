import type { EvidenceStore } from '../../../core/ports/evidence-store';
import type { LedgerIndex } from '../../../core/ports/ledger-index';
import type { SealedStore } from '../../../core/ports/sealed-store';
import type { Signer } from '../../../core/ports/signer';

/** What sealing asks for. It reads evidence, and can write none. */
export interface SealDeps {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Tells this invocation from any other. */
  readonly holder: () => string;
  /** The function's own timeout: how long its claim holds. */
  readonly timeoutMs: number;
  readonly ledgerId: string;
  readonly evidence: Pick<EvidenceStore, 'read'>;
  readonly index: LedgerIndex;
  readonly sealed: SealedStore;
  readonly signer: Signer;
}
