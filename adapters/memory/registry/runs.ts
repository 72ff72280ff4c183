import type { Registry } from '../../../core/ports/registry';
import { adopted, refuseOtherAdopter, refuseOtherRun } from '../../../core/registry/markers';
import { mayReplace, newest } from '../../../core/registry/summary-order';
import type { RegistryTables } from './tables';

type Runs = Pick<
  Registry,
  'openRun' | 'openRuns' | 'run' | 'adoptRun' | 'forgetRun' | 'putSummary' | 'summary' | 'runs'
>;

/** Open-run markers and run summaries. */
export function runs({ openRuns, summaries }: RegistryTables): Runs {
  return {
    openRun: async (marker) => {
      const there = openRuns.get(marker.runId);
      if (there === undefined) openRuns.set(marker.runId, marker);
      else refuseOtherRun(there, marker);
    },
    openRuns: async () => [...openRuns.values()].toSorted((a, b) => (a.runId < b.runId ? -1 : 1)),
    run: async (runId) => openRuns.get(runId),
    adoptRun: async (marker, executionArn) => {
      const there = openRuns.get(marker.runId);
      if (there?.executionArn === marker.executionArn && there.adoptions === marker.adoptions) {
        openRuns.set(marker.runId, adopted(there, executionArn));
      } else refuseOtherAdopter(there, marker, executionArn);
    },
    forgetRun: async (runId) => void openRuns.delete(runId),
    putSummary: async (summary) => {
      if (mayReplace(summaries.get(summary.runId), summary)) summaries.set(summary.runId, summary);
    },
    summary: async (runId) => summaries.get(runId),
    runs: async (query) => newest([...summaries.values()], query),
  };
}
