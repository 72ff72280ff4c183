import type { Marker } from '../../../core/ports/ledger-index';
import type { OpenRun, Registry } from '../../../core/ports/registry';
import { adopted, openAs, refuseOtherAdopter, refuseOtherRun } from '../../../core/registry/markers';
import { mayReplace, newest } from '../../../core/registry/summary-order';
import type { RegistryTables } from './tables';

type Runs = Pick<
  Registry,
  'openRun' | 'openRuns' | 'run' | 'adoptRun' | 'forgetRun' | 'putSummary' | 'summary' | 'runs'
>;

/** Open-run markers and run summaries. */
export function runs({ markers, summaries }: RegistryTables): Runs {
  const put = (marker: OpenRun) => void markers.set(marker.runId, { ...marker, state: 'open' });
  return {
    openRun: async (marker) => {
      const there = markers.get(marker.runId);
      if (there) refuseOtherRun(there, marker);
      if (there?.state !== 'open') put(marker);
    },
    openRuns: async () => inOrder(markers).flatMap((marker) => openAs(marker) ?? []),
    run: async (runId) => openAs(markers.get(runId)),
    adoptRun: async (marker, executionArn) => {
      const there = openAs(markers.get(marker.runId));
      if (there?.executionArn === marker.executionArn && there.adoptions === marker.adoptions) {
        put(adopted(there, executionArn));
      } else refuseOtherAdopter(there, marker, executionArn);
    },
    forgetRun: async (runId) => {
      const there = markers.get(runId);
      if (there) markers.set(runId, { ...there, state: 'closed' });
    },
    putSummary: async (summary) => {
      if (mayReplace(summaries.get(summary.runId), summary)) summaries.set(summary.runId, summary);
    },
    summary: async (runId) => summaries.get(runId),
    runs: async (query) => newest([...summaries.values()], query),
  };
}

/** Markers by run id. */
export function inOrder(markers: ReadonlyMap<string, Marker>): readonly Marker[] {
  return [...markers.values()].toSorted((a, b) => (a.runId < b.runId ? -1 : 1));
}
