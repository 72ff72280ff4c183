import { parseRecord, type EvidenceRecord, type RecordOf } from '../../../core/evidence/record';
import { Failure } from '../../../core/failure';
import type { Deps } from '../deps';

/** What tells two executions of one name apart, in the first record of a run. */
export type Opening = Pick<RecordOf<'RunOpened'>, 'runId' | 'kind' | 'requestedAt'>;

/**
 * Lets a run be opened under the name of its execution. Names are unique per machine only, and for 90 days (Step
 * Functions API reference, StartExecution), while evidence is kept for years.
 * @throws Failure EvidenceConflict when a run of that name exists (nothing was changed)
 */
export async function mustBeFree({ evidence }: Pick<Deps, 'evidence'>, opening: Opening): Promise<void> {
  const stored = await evidence.get('RUN', opening.runId, 0);
  if (stored) mustBeOwn(parseRecord(stored.body), opening);
}

/**
 * Lets an execution go on from the first record of its run; a step that is repeated finds its own.
 * @throws Failure EvidenceConflict when another execution wrote it (nothing was changed)
 */
export function mustBeOwn(first: EvidenceRecord, { runId, kind, requestedAt }: Opening): void {
  if (first.type === 'RunOpened' && first.kind === kind && first.requestedAt === requestedAt) return;
  const there = first.type === 'RunOpened' ? first.kind : 'run';
  const message = `This execution is named ${runId}, and a run of that name exists since ${first.at}: a ${there}. Nothing was changed; start again under another name.`;
  throw new Failure('EvidenceConflict', message, 'none');
}
