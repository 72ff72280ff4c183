import { censusOf, isGreen, unfinished, verdictOf, type Verdict } from '../../../core/bulk/census';
import { parseAsked, sha256Of, type Asked } from '../../../core/bulk/list';
import { MANY } from '../../../core/bulk/many';
import { append } from '../../../core/evidence/append';
import type { Census, RecordOf } from '../../../core/evidence/record';
import { closing } from '../../../core/run/closing';
import type { RunState } from '../../../core/run/state';
import { conclude } from '../close/conclude';
import { bulkCounts } from '../contracts';
import { iso } from '../deps';
import { newest, storyOf } from '../heads';
import { stampOf } from '../stamp';
import { eachOf, paid, revokedBy } from './known';
import { shownBy } from './shown';
import { nothingAsked, type BulkClosed, type BulkPorts } from './state';

/** A revocation that cannot be started in so many goes through the list is counted as unknown. */
const GOES = 3;

/**
 * Counts what became of everybody asked and closes the run with it: from the registry while revocations are open or were
 * not started yet, for a bounded number of rounds in which nothing is closed; and nobody as done whose own records do
 * not show it.
 * @param round how often it has been asked, from 1
 * @throws Failure EvidenceConflict when the list is not the one that was recorded
 */
export async function closeBulk(deps: BulkPorts, run: RunState, round: number): Promise<BulkClosed> {
  const story = await storyOf(deps.evidence, run.runId);
  const opened = newest(story.run, 'RunOpened');
  if (!opened?.selection) throw nothingAsked(run.runId);
  const closed = newest(story.run, 'RunClosed');
  if (closed) {
    await conclude(deps, story.run);
    return told(closed);
  }
  const { list } = opened.selection;
  const asked = parseAsked(await deps.lists.read(list.key), list);
  const verdicts = await verdictsOn(deps, asked, round);
  const left = unfinished(asked, verdicts);
  const waits = (left.open > 0 && round < bulkCounts.most) || (left.unstarted > 0 && round < GOES);
  if (waits) {
    const waitSeconds = bulkCounts.firstWaitSeconds * 2 ** (round - 1);
    return { state: 'open', ...left, unstarted: round < GOES ? left.unstarted : 0, waitSeconds };
  }
  const census = { ...censusOf(verdicts), list: await kept(deps, run.runId, verdicts) };
  const cause = isGreen(census) ? undefined : causeOf(run.runId, census);
  const { record } = await append(deps.evidence, stampOf(deps, run, 'CloseBulk', opened.controls), {
    chain: 'RUN',
    head: story.heads,
    item: MANY,
    at: iso(deps.now()),
    statement: closing(story, cause, [], census),
  });
  await conclude(deps, [...story.run, record]);
  if (record.type !== 'RunClosed') throw nothingAsked(run.runId);
  return told(record);
}

async function verdictsOn(
  deps: BulkPorts,
  asked: readonly Asked[],
  round: number,
): Promise<readonly Verdict[]> {
  const told = await eachOf(asked, async (each) => ({ each, verdict: await judged(deps, each) }));
  const verdicts = told.map(({ verdict }) => verdict);
  // Rows are cheap to ask; records are read once nobody is waited for any more.
  if (unfinished(asked, verdicts).open > 0 && round < bulkCounts.most) return verdicts;
  return eachOf(told, ({ each, verdict }) => recorded(deps, each, verdict));
}

async function judged(deps: BulkPorts, asked: Asked): Promise<Verdict> {
  const [summary, row] = await Promise.all([
    deps.registry.summary(asked.name),
    deps.registry.identity(asked.identityId),
  ]);
  if (summary?.outcome === 'verified' || summary?.outcome === 'open')
    return verdictOf(asked, { summary, paidBy: undefined, revokedBy: undefined });
  const paidBy = summary && (await paid(deps, asked.identityId, asked.name));
  return verdictOf(asked, { summary, paidBy, revokedBy: await revokedBy(deps, row) });
}

/** A verdict as the records of its run bear it out; one that they do not is unknown, however green its row is. */
async function recorded(deps: BulkPorts, { identityId, name }: Asked, verdict: Verdict): Promise<Verdict> {
  const { runId } = verdict;
  if (verdict.verdict !== 'done' || runId === null) return verdict;
  const as = runId === name ? 'revocation' : { paying: name };
  const shown = await shownBy(deps, { runId, identityId, as });
  if (shown.state === 'shown') return { ...verdict, level: shown.level };
  const why = `its row says verified and its records do not: ${shown.why}`;
  return { ...verdict, verdict: 'unknown', level: null, why };
}

async function kept(deps: BulkPorts, runId: string, verdicts: readonly Verdict[]): Promise<Census['list']> {
  const sha256 = sha256Of(JSON.stringify(verdicts));
  const { key } = await deps.lists.write(
    `lists/bulk/${runId}-verdicts-${sha256.slice(0, 16)}.json`,
    verdicts,
  );
  return { key, sha256 };
}

function causeOf(runId: string, { asked, failed, unknown, list }: Omit<Census, 'level'>) {
  const sentence = `${failed + unknown} of ${asked} identities of bulk run ${runId} are not proven refused: ${failed} failed, ${unknown} unknown. What is owed stays owed and is tried again. Each verdict with its run is in ${list.key}; look at what is open: gapless obligations`;
  return { code: 'BulkIncomplete', category: 'other', sentence } as const;
}

function told({ census, cause, outcome }: RecordOf<'RunClosed'>): BulkClosed {
  if (census && outcome === 'verified') return { state: 'verified', census, cause: '' };
  const none = { asked: 0, done: 0, failed: 0, skipped: 0, unknown: 0, level: 'L0' } as const;
  return {
    state: 'incomplete',
    census: census ?? { ...none, list: { key: '', sha256: '' } },
    cause: cause ?? 'The bulk run was closed before anybody was counted.',
  };
}
