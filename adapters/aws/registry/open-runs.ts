import type { Marker } from '../../../core/ports/ledger-index';
import type { Markers, OpenRun, OpenRuns } from '../../../core/ports/registry';
import { adopted, openAs, refuseOtherAdopter, refuseOtherRun } from '../../../core/registry/markers';
import { absent } from '../dynamodb/absent';
import { assign } from '../dynamodb/expression';
import type { Table } from '../dynamodb/table';
import { contended } from './contended';
import { openKey, openShards } from './keys';
import { markerRow } from './rows/marker';

/** Markers of runs that are open, one by one. */
export function markers(table: Table): Markers {
  return {
    openRun: (marker) => openRun(table, marker),
    run: async (runId) => openAs(await readMarker(table, runId)),
    adoptRun: (marker, executionArn) => adoptRun(table, marker, executionArn),
    forgetRun: async (runId) => {
      const there = { text: 'attribute_exists(#pk)', values: {} };
      await table.update(openKey(runId), assign({ state: 'closed' }), there);
    },
  };
}

/** All runs that are open. */
export function openRuns(table: Table): OpenRuns {
  return { openRuns: async () => (await readMarkers(table)).flatMap((marker) => openAs(marker) ?? []) };
}

/** Every marker, of closed runs too, by run id. */
export async function readMarkers(table: Table): Promise<readonly Marker[]> {
  const ranges = openShards.all.map((shard) =>
    table.query({ key: { text: '#pk = :shard', values: { shard } }, order: 'ascending' }),
  );
  const markers = (await Promise.all(ranges)).flat().map(markerRow);
  return markers.toSorted((a, b) => (a.runId < b.runId ? -1 : 1));
}

async function openRun(table: Table, marker: OpenRun): Promise<void> {
  const put = (when: typeof absent) => table.put({ ...openKey(marker.runId), ...marker }, when);
  if ((await put(absent)) === 'written') return;
  const there = await readMarker(table, marker.runId);
  if (there) refuseOtherRun(there, marker);
  if (there?.state === 'open') return;
  const closed = { text: '#state = :closed', values: { closed: 'closed' } };
  if (there && (await put(closed)) === 'written') return;
  // It was opened or removed in between; a run must not go on without its marker.
  throw contended.failure(`the marker of run ${marker.runId}`);
}

async function readMarker(table: Table, runId: string): Promise<Marker | undefined> {
  const item = await table.get(openKey(runId));
  return item && markerRow(item);
}

async function adoptRun(table: Table, marker: OpenRun, executionArn: string): Promise<void> {
  const { adoptions } = adopted(marker, executionArn);
  const unchanged = {
    text: '#executionArn = :before AND #adoptions = :times AND attribute_not_exists(#state)',
    values: { before: marker.executionArn, times: marker.adoptions },
  };
  if (await table.update(openKey(marker.runId), assign({ executionArn, adoptions }), unchanged)) return;
  refuseOtherAdopter(openAs(await readMarker(table, marker.runId)), marker, executionArn);
}
