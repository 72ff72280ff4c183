import type { OpenRun, Registry } from '../../../core/ports/registry';
import { adopted, refuseOtherAdopter, refuseOtherRun } from '../../../core/registry/markers';
import { absent } from '../dynamodb/absent';
import { assign } from '../dynamodb/expression';
import type { Table } from '../dynamodb/table';
import { contended } from './contended';
import { openKey, openShards } from './keys';
import { openRunRow } from './rows';

type OpenRuns = Pick<Registry, 'openRun' | 'openRuns' | 'run' | 'adoptRun' | 'forgetRun'>;

/** Markers of runs that are open. */
export function openRuns(table: Table): OpenRuns {
  return {
    openRun: async (marker) => {
      if ((await table.put({ ...openKey(marker.runId), ...marker }, absent)) === 'written') return;
      const there = await readMarker(table, marker.runId);
      // It was forgotten in between; a run must not go on without its marker.
      if (there === undefined) throw contended.failure(`the marker of run ${marker.runId}`);
      refuseOtherRun(there, marker);
    },
    openRuns: async () => {
      const ranges = openShards.all.map((shard) =>
        table.query({ key: { text: '#pk = :shard', values: { shard } }, order: 'ascending' }),
      );
      const markers = (await Promise.all(ranges)).flat().map(openRunRow);
      return markers.toSorted((a, b) => (a.runId < b.runId ? -1 : 1));
    },
    run: (runId) => readMarker(table, runId),
    adoptRun: (marker, executionArn) => adoptRun(table, marker, executionArn),
    forgetRun: (runId) => table.delete(openKey(runId)),
  };
}

async function readMarker(table: Table, runId: string): Promise<OpenRun | undefined> {
  const item = await table.get(openKey(runId));
  return item && openRunRow(item);
}

async function adoptRun(table: Table, marker: OpenRun, executionArn: string): Promise<void> {
  const { adoptions } = adopted(marker, executionArn);
  const unchanged = {
    text: '#executionArn = :before AND #adoptions = :times',
    values: { before: marker.executionArn, times: marker.adoptions },
  };
  if (await table.update(openKey(marker.runId), assign({ executionArn, adoptions }), unchanged)) return;
  refuseOtherAdopter(await readMarker(table, marker.runId), marker, executionArn);
}
