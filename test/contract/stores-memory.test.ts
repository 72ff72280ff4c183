import { MemoryEvidenceStore } from '../../adapters/memory/evidence-store';
import { memoryLedgerIndex } from '../../adapters/memory/ledger-index';
import { MemoryPolicyArchive } from '../../adapters/memory/policy-archive';
import { memoryRegistry } from '../../adapters/memory/registry';
import { emptyTables } from '../../adapters/memory/registry/tables';
import { describeStores } from './store-suite';

describeStores('stores in memory', async () => {
  const tables = emptyTables();
  return {
    evidence: new MemoryEvidenceStore(),
    archive: new MemoryPolicyArchive(),
    registry: memoryRegistry(tables),
    index: memoryLedgerIndex(tables),
  };
});
