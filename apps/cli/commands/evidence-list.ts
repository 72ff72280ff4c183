import { controlShown, type ControlShown } from '../../../core/query/control-shown';
import type { RunQuery } from '../../../core/ports/registry';
import { summaryOutcomes } from '../../../core/registry/summary-order';
import { CHECKED_AT_ONCE, type CheckedRun } from '../../../core/query/answers';
import { connect } from '../connection';
import { exitCodes } from '../exit';
import { waitingLines } from '../ledger/late-records';
import { table } from '../output/table';
import { Terminal, type Speech } from '../output/terminal';
import {
  completenessDocument,
  completenessOf,
  completenessText,
  type Completeness,
} from '../query/completeness';
import { openQuestions, type Questions } from '../query/questions';
import { queryOf, type RunFlags } from '../query/run-flags';

export interface EvidenceListOptions {
  readonly folder: string;
  readonly speech: Speech;
  readonly flags: RunFlags;
  /** Epoch ms. */
  readonly now: number;
}

type Shown = CheckedRun & { readonly control?: ControlShown };

/** Lists runs with what their records, read and hashed again, say; the answer is counted against the ledger. Reads only. */
export async function listEvidence({ folder, speech, flags, now }: EvidenceListOptions): Promise<number> {
  const query = queryOf(flags, now);
  const questions = openQuestions(connect(folder, process.env));
  try {
    return await answer(new Terminal(speech), questions, query);
  } finally {
    questions.close();
  }
}

/** The answer to one question, however it is reached. @returns the exit code */
export async function answer(
  terminal: Terminal,
  questions: Pick<Questions, 'checked' | 'census' | 'later'>,
  query: RunQuery,
): Promise<number> {
  const { runs, next } = await pages(questions, query);
  const { control } = query;
  const shown: readonly Shown[] =
    control === undefined ? runs : runs.map((run) => ({ ...run, control: controlShown(control, run) }));
  const completeness = await completenessOf(questions, query, next);
  const outcomes = tally(runs);
  terminal.document({ runs: shown, count: runs.length, outcomes, ...completenessDocument(completeness) });
  for (const line of table([headOf(query), ...shown.map((run) => cells(run, query))])) terminal.line(line);
  const wrong = wrongOf(runs, completeness);
  const waiting = runs.flatMap(({ runId, waiting: count = 0 }) => (count === 0 ? [] : [{ runId, count }]));
  for (const each of wrong) terminal.error(each);
  const counts = Object.entries(outcomes).map(([outcome, count]) => `${count} ${outcome}`);
  terminal.message(
    `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}${counts.length > 0 ? `: ${counts.join(', ')}` : ''}. ${completenessText(completeness)}`,
  );
  for (const line of waitingLines(waiting)) terminal.error(line);
  if (wrong.length > 0) return exitCodes.evidenceBroken;
  return waiting.length > 0 || isUnsettled(completeness) ? exitCodes.gapFound : exitCodes.ok;
}

/** Whether an answer to the end was not counted, or has runs of which records are still on their way. */
function isUnsettled(completeness: Completeness): boolean {
  if (completeness.state === 'page') return false;
  const { census } = completeness;
  return census.state === 'not taken' || (census.waiting ?? 0) > 0;
}

async function pages(
  questions: Pick<Questions, 'checked'>,
  query: RunQuery,
): Promise<{ readonly runs: readonly CheckedRun[]; readonly next: string | null }> {
  const runs: CheckedRun[] = [];
  let next: string | null = query.after ?? null;
  do {
    const limit = Math.min(CHECKED_AT_ONCE, query.limit - runs.length);
    const page = await questions.checked({ ...query, limit, ...(next !== null && { after: next }) });
    runs.push(...page.runs);
    next = page.next;
  } while (next !== null && runs.length < query.limit);
  return { runs, next };
}

/** How many ended in which way, in the order outcomes are listed everywhere. */
function tally(runs: readonly CheckedRun[]): Record<string, number> {
  const counts = summaryOutcomes.map(
    (each) => [each, runs.filter(({ outcome }) => outcome === each).length] as const,
  );
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

/** Each record and row that does not hold, once. */
function wrongOf(runs: readonly CheckedRun[], completeness: Completeness): readonly string[] {
  const counted =
    completeness.state === 'whole' && completeness.census.state === 'differs'
      ? completeness.census.wrong
      : [];
  return [...new Set([...runs.flatMap(({ wrong }) => wrong), ...counted])];
}

function headOf({ control, glass }: RunQuery): readonly string[] {
  const more = [
    ...(control === undefined ? [] : [`of ${control}`]),
    ...(glass === undefined ? [] : ['review']),
  ];
  return ['opened', 'run', 'kind', 'identity', 'actor', 'outcome', 'level', 'records', ...more];
}

function cells(run: Shown, { glass }: RunQuery): readonly string[] {
  const { openedAt, runId, kind, identityId, actor, outcome, level, wrong, control, review } = run;
  const holds = wrong.length === 0 ? holdText(run) : 'BROKEN';
  const own = [openedAt.slice(0, 19), runId, kind, identityId, actor, outcome, level ?? '-', holds];
  const reviewed = glass === undefined ? [] : [reviewText(review)];
  return [...own, ...(control ? [controlText(control)] : []), ...reviewed];
}

/** Records that wait are read and hashed like any other; they are not where they belong yet. */
function holdText({ records, waiting = 0 }: CheckedRun): string {
  if (waiting === 'unknown') return 'NOT KNOWN';
  return waiting === 0 ? `${records} hold` : `${waiting} of ${records} wait`;
}

function controlText({ state, because }: ControlShown): string {
  return state === 'not shown' ? `not shown: ${because.join('; ')}` : state;
}

function reviewText(review: CheckedRun['review']): string {
  if (review?.state === 'owed') return `owed until ${review.deadline ?? 'no time'}`;
  return review?.runId ?? 'none is on record';
}
