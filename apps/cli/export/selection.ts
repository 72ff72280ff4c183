import { exportedRun, type ExportedRun } from '../../../core/export/exported-run';
import type { EvidenceStore } from '../../../core/ports/evidence-store';
import type { Registry } from '../../../core/ports/registry';
import { Exit } from '../exit';

/** Which runs are exported: one, or all that fit. Times are ISO 8601; `until` is not included. */
export type Selection =
  | { readonly runId: string }
  | { readonly identityId?: string; readonly since?: string; readonly until?: string };

interface Ports {
  readonly evidence: Pick<EvidenceStore, 'read'>;
  readonly registry: Pick<Registry, 'runs'>;
}

/** At most so many runs in one export; a longer period is several exports. */
export const MOST_RUNS = 10_000;
/** Runs read at the same time. */
const AT_ONCE = 16;

/**
 * Reads the runs that fit, oldest first, each with both chains as they are stored.
 * @throws Exit usage when the one run has no record, or when more runs fit than one export holds
 */
export async function selected(ports: Ports, selection: Selection): Promise<readonly ExportedRun[]> {
  if ('runId' in selection) {
    const run = await readRun(ports, selection.runId);
    if (run.records.length > 0) return [run];
    throw new Exit(
      'usage',
      `--run: got ${JSON.stringify(selection.runId.slice(0, 100))}, and no run of that id has a record; want an id that this lists: npx gapless runs. Nothing was written.`,
    );
  }
  const ids = await idsOf(ports, selection);
  const runs: ExportedRun[] = [];
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const batch = ids.slice(from, from + AT_ONCE);
    runs.push(...(await Promise.all(batch.map((id) => readRun(ports, id)))));
  }
  return runs;
}

async function idsOf(
  { registry }: Ports,
  { until, ...query }: Exclude<Selection, { readonly runId: string }>,
): Promise<readonly string[]> {
  const found = await registry.runs({ ...query, limit: MOST_RUNS + 1 });
  // Part of an answer would look like all of it.
  if (found.length > MOST_RUNS) {
    throw new Exit(
      'usage',
      `More than ${MOST_RUNS} runs were opened since ${query.since ?? 'the beginning'}; one export holds at most that many. Nothing was written. Export shorter periods: --since and --until.`,
    );
  }
  return found
    .filter(({ openedAt }) => until === undefined || openedAt < until)
    .map(({ runId }) => runId)
    .toReversed();
}

async function readRun({ evidence }: Ports, runId: string): Promise<ExportedRun> {
  const [run, proof] = await Promise.all([evidence.read('RUN', runId), evidence.read('PROOF', runId)]);
  return exportedRun(runId, run, proof);
}
