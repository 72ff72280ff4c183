import { MemoryEvidenceStore } from '../../adapters/memory/evidence-store';
import { MemoryPolicyArchive } from '../../adapters/memory/policy-archive';
import { memoryRegistry } from '../../adapters/memory/registry';
import { describeStores } from './store-suite';

describeStores('stores in memory', async () => ({
  evidence: new MemoryEvidenceStore(),
  archive: new MemoryPolicyArchive(),
  registry: memoryRegistry(),
}));
