import { MemoryEvidenceStore } from '../../adapters/memory/evidence-store';
import { memoryLedgerIndex } from '../../adapters/memory/ledger-index';
import { MemoryPolicyArchive } from '../../adapters/memory/policy-archive';
import { memoryRegistry } from '../../adapters/memory/registry';
import { emptyTables } from '../../adapters/memory/registry/tables';
import type { Sealable } from '../../core/evidence/chain';
import type { EvidenceStore } from '../../core/ports/evidence-store';
import { MemorySealedStore } from '../../adapters/memory/sealed-store';
import { spillIn } from '../../core/evidence/spill';
import { sealerOver } from '../support/query-sealer';
import { writeRun } from '../support/query-runs';
import { describeQuery } from './query-suite';

/** The store as it reads after records in it were overwritten, which no port of ours can do. */
function overwritten(store: EvidenceStore, edits: ReadonlyMap<string, Sealable>): EvidenceStore {
  const now = (record: Sealable) => edits.get(`${record.chain} ${record.runId} ${record.seq}`) ?? record;
  const maybe = (record: Sealable | undefined) => record && now(record);
  return {
    put: (record) => store.put(record),
    get: async (...place) => maybe(await store.get(...place)),
    last: async (...chain) => maybe(await store.last(...chain)),
    read: async (...chain) => (await store.read(...chain)).map(now),
  };
}

describeQuery('questions to stores in memory', async () => {
  const [tables, edits] = [emptyTables(), new Map<string, Sealable>()];
  const evidence = overwritten(new MemoryEvidenceStore(), edits);
  const [registry, index] = [memoryRegistry(tables), memoryLedgerIndex(tables)];
  const { sealed, seal } = sealerOver(evidence, index);
  return {
    ports: {
      registry,
      evidence,
      archive: new MemoryPolicyArchive(),
      index,
      sealed,
      spill: spillIn(new MemorySealedStore()),
    },
    write: async (...runs) => {
      for (const chains of runs) await writeRun({ registry, evidence }, chains);
    },
    seal,
    edit: async (record) => void edits.set(`${record.chain} ${record.runId} ${record.seq}`, record),
    editRow: async (runId, change) => {
      const row = tables.summaries.get(runId);
      if (!row) throw new Error(`there is no run ${runId}`);
      if (change === 'removed') tables.summaries.delete(runId);
      else tables.summaries.set(change.runId ?? runId, { ...row, ...change });
    },
  };
});
