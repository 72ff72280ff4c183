import type { Objects } from '../ledger/verify-source';
import type { EvidenceStore } from '../ports/evidence-store';
import type { LedgerIndex } from '../ports/ledger-index';
import type { PolicyArchive } from '../ports/policy-archive';
import type { Registry } from '../ports/registry';
import type { Spill } from '../ports/spill';

/** What a query reads; nothing here writes. */
export interface QueryPorts {
  readonly registry: Pick<Registry, 'runs' | 'summary' | 'identities' | 'obligationsOf'>;
  readonly evidence: Pick<EvidenceStore, 'get' | 'last' | 'read'>;
  readonly archive: Pick<PolicyArchive, 'get'>;
  readonly index: Pick<LedgerIndex, 'markers'>;
  /** The sealed objects; undefined where nobody named their place, and then no census can be taken. */
  readonly sealed: Objects | undefined;
  /** Where emergencies keep what the evidence table does not take; undefined where nobody named its place. */
  readonly spill: Pick<Spill, 'of'> | undefined;
}
