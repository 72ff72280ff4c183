import type { Approval, StartRequest } from '../../../core/ports/approvals';
import type { IdentityRow, Obligation, OpenRun, RunSummary } from '../../../core/ports/registry';
import { unknownIdentity } from '../../../core/registry/lease-rules';

/** What a registry holds, by key. */
export interface RegistryTables {
  readonly identities: Map<string, IdentityRow>;
  readonly obligations: Map<string, Obligation>;
  readonly openRuns: Map<string, OpenRun>;
  readonly summaries: Map<string, RunSummary>;
  readonly approvals: Map<string, Approval>;
  readonly startRequests: Map<string, StartRequest>;
  /** Facts of the registry itself. */
  readonly facts: Map<'enrolledRevision', string>;
}

/** Tables without rows. */
export function emptyTables(): RegistryTables {
  return {
    identities: new Map(),
    obligations: new Map(),
    openRuns: new Map(),
    summaries: new Map(),
    approvals: new Map(),
    startRequests: new Map(),
    facts: new Map(),
  };
}

/** @throws Failure UnknownIdentity */
export function rowOf(tables: RegistryTables, id: string): IdentityRow {
  const row = tables.identities.get(id);
  if (row === undefined) throw unknownIdentity(id);
  return row;
}
