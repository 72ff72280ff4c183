import type { EvidenceRecord, RecordOf } from '../../../core/evidence/record';
import { closedNotices } from '../../../core/notice/of-run';
import type { Markers, Summaries } from '../../../core/ports/registry';
import { summaryOf } from '../../../core/registry/run-summary';
import type { Deps, Using } from '../deps';
import { newest } from '../heads';
import { notify } from '../notify';
import { together } from '../together';

/** A run that has ended, by its own records. */
export interface Ended {
  readonly run: readonly EvidenceRecord[];
  readonly opened: RecordOf<'RunOpened'>;
  readonly closed: RecordOf<'RunClosed'>;
}

/** The run as one that has ended; undefined when its records do not say so. */
export function endedBy(run: readonly EvidenceRecord[]): Ended | undefined {
  const opened = newest(run, 'RunOpened');
  const closed = newest(run, 'RunClosed');
  return opened && closed && { run, opened, closed };
}

/** Puts a run that has ended into the index and tells of it; `waiting` records of it are still in the spill. */
export async function announce(
  deps: Pick<Deps, 'notices' | 'now'> & Using<Pick<Summaries, 'putSummary'>>,
  { run, opened, closed }: Ended,
  waiting: number,
): Promise<void> {
  await together([
    deps.registry.putSummary(summaryOf(opened, closed, waiting)),
    // Beside the bookkeeping, so that nobody waits for it alone.
    notify(deps, closedNotices(run, waiting)),
  ]);
}

/**
 * The bookkeeping after the terminal record of a run that held no identity: whoever finds such a run with its marker still
 * there can do it again. A run that has not ended is left alone.
 */
export async function conclude(
  deps: Pick<Deps, 'notices' | 'now'> & Using<Pick<Markers, 'forgetRun'> & Pick<Summaries, 'putSummary'>>,
  run: readonly EvidenceRecord[],
): Promise<void> {
  const ended = endedBy(run);
  if (!ended) return;
  await announce(deps, ended, 0);
  await deps.registry.forgetRun(ended.opened.runId);
}
