import type { Approval, StartRequest } from '../../../core/ports/approvals';
import type { Marker, SealedRun, SealerClaim } from '../../../core/ports/ledger-index';
import type { IdentityRow, Obligation, RunSummary } from '../../../core/ports/registry';
import { unknownIdentity } from '../../../core/registry/lease-rules';

/** Who seals, since when, and how far the ledger is sealed and indexed. */
export interface SealerRow {
  readonly claim: SealerClaim | undefined;
  readonly fence: number;
  readonly size: number;
}

/** What a registry holds, by key. */
export interface RegistryTables {
  readonly identities: Map<string, IdentityRow>;
  readonly obligations: Map<string, Obligation>;
  readonly markers: Map<string, Marker>;
  readonly summaries: Map<string, RunSummary>;
  readonly approvals: Map<string, Approval>;
  readonly startRequests: Map<string, StartRequest>;
  readonly sealedRuns: Map<string, SealedRun>;
  readonly sealer: Map<'row', SealerRow>;
  /** Facts of the registry itself. */
  readonly facts: Map<'enrolledRevision', string>;
}

/** Tables without rows. */
export function emptyTables(): RegistryTables {
  return {
    identities: new Map(),
    obligations: new Map(),
    markers: new Map(),
    summaries: new Map(),
    approvals: new Map(),
    startRequests: new Map(),
    sealedRuns: new Map(),
    sealer: new Map(),
    facts: new Map(),
  };
}

/** @throws Failure UnknownIdentity */
export function rowOf(tables: RegistryTables, id: string): IdentityRow {
  const row = tables.identities.get(id);
  if (row === undefined) throw unknownIdentity(id);
  return row;
}
