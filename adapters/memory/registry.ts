import type { Registry } from '../../core/ports/registry';
import { approvals } from './registry/approvals';
import { identities } from './registry/identities';
import { leases } from './registry/leases';
import { obligations } from './registry/obligations';
import { runs } from './registry/runs';
import { emptyTables, type RegistryTables } from './registry/tables';

/** A registry in this process: for fast tests and benches. */
export function memoryRegistry(tables: RegistryTables = emptyTables()): Registry {
  return {
    ...identities(tables),
    ...leases(tables),
    ...obligations(tables),
    ...runs(tables),
    ...approvals(tables),
  };
}
