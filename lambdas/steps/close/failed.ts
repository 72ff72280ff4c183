import type { RecordOf } from '../../../core/evidence/record';
import { SpillingEvidence } from '../../../core/evidence/spilling';
import { Failure } from '../../../core/failure';
import { categoryOf } from '../../../core/failure-category';
import type { Decisions } from '../../../core/ports/approvals';
import type { IdentityRow, OpenRun, RunRegistry } from '../../../core/ports/registry';
import { holderOf } from '../../../core/registry/lease-rules';
import { closing, type Cause } from '../../../core/run/closing';
import { closeApproval, decidedOrExpired } from '../approve/close-approval';
import { iso, type Deps, type Using } from '../deps';
import { newest, storyOf, type Story } from '../heads';
import { stampOf } from '../stamp';
import { settleDebts } from './debts';
import { resolveIntents } from './intents';
import { finish } from './finish';
import { oweCandidate } from './left-behind';
import { appendTerminal, waitingOf } from './terminal';
import { sentenceOf, type RawFailure, type Sentence } from './sentence';

type Ports = Pick<Deps, 'evidence' | 'policies' | 'notices' | 'now' | 'ledgerId' | 'code'> &
  Using<RunRegistry & Decisions>;

/** Somebody may still add a record between our look and our write; we look again this often. */
const LOOKS = 5;

/**
 * Closes a run that did not get to verified: resolves intents without an outcome, keeps open what is owed, writes the
 * one terminal record and says in a sentence what happened. It remembers nothing and reads everything again, so the
 * run's own execution and Settle can both call it, any number of times.
 */
export async function closeFailed(deps: Ports, runId: string, failure: RawFailure): Promise<Sentence> {
  const marker = await deps.registry.run(runId);
  const told = sentenceOf(failure);
  for (let look = 1; ; look += 1) {
    const story = await storyOf(deps.evidence, runId);
    if (deps.evidence instanceof SpillingEvidence) await deps.evidence.mustBeWhole(runId);
    const opened = newest(story.run, 'RunOpened');
    if (!opened) return clear(deps, marker, told);
    // An approval that nobody waits for any more ends by its decision, or denied.
    const approval = opened.kind === 'approval' ? await decidedOrExpired(deps, runId) : undefined;
    if (approval) {
      await closeApproval(deps, approval);
      return told;
    }
    if (newest(story.run, 'RunClosed')) {
      await finish(deps, story, { waiting: await waitingOf(deps, runId) });
      return told;
    }
    const row = await deps.registry.identity(opened.identity.id);
    assertNobodyActs(deps, runId, row);
    try {
      const why = fencedOff(story, row) ?? told;
      await terminal(deps, story, opened, row, causeOf(why));
      return why;
    } catch (error) {
      if (!(error instanceof Failure) || error.name !== 'FenceLost' || look >= LOOKS) throw error;
    }
  }
}

/**
 * A run that had begun to change something, and whose identity was taken away since: whatever it failed with, that is
 * why. A proof that it tried afterwards was about a credential somebody else had the say over.
 */
function fencedOff({ run }: Story, row: IdentityRow | undefined): Sentence | undefined {
  const opened = newest(run, 'RunOpened');
  const fence = Math.max(...run.map((record) => record.fence));
  if (!row || !newest(run, 'ChangeIntended') || row.lease?.runId === opened?.runId || row.fence <= fence)
    return undefined;
  const cause = `${row.id} was taken from this run: its fence is ${row.fence}, this run had ${fence}, and ${holderOf(row)}. This run touched nothing after that. Look at what goes on: gapless runs --identity ${row.id}`;
  return { error: 'FenceLost', cause };
}

/** A marker without records: the run never began. */
async function clear(deps: Ports, marker: OpenRun | undefined, told: Sentence): Promise<Sentence> {
  if (!marker) return told;
  await deps.registry.releaseLease(marker.identityId, marker.runId);
  await deps.registry.forgetRun(marker.runId);
  return told;
}

/** While a worker of this run may still be acting at the target, its run cannot be closed. */
function assertNobodyActs(deps: Ports, runId: string, row: IdentityRow | undefined): void {
  if (row?.lease?.runId !== runId || row.busyUntil === undefined || Date.parse(row.busyUntil) <= deps.now())
    return;
  const message = `Stage ${row.busyStage ?? 'unknown'} of run ${runId} may still be acting until ${row.busyUntil}. Nothing was changed; the run is closed after that.`;
  throw new Failure('StepBusy', message, 'none');
}

async function terminal(
  deps: Ports,
  story: Story,
  opened: RecordOf<'RunOpened'>,
  row: IdentityRow | undefined,
  cause: Cause,
): Promise<void> {
  const ours = row?.lease?.runId === opened.runId;
  const fence = ours ? row.fence : Math.max(...story.run.map((record) => record.fence));
  const stamp = stampOf(
    deps,
    { runId: opened.runId, fence, actor: opened.actor },
    'CloseFailed',
    opened.controls,
  );
  const { head, records } = await resolveIntents(deps, stamp, story, story.heads);
  const facts = { run: records, proof: story.proof, heads: story.heads };
  const owes = ours
    ? await settleDebts(deps, { opened, story, row, code: cause.code })
    : await oweCandidate(deps, opened, row);
  const { runId } = opened;
  const last = { head, item: runId, at: iso(deps.now()), statement: closing(facts, cause, owes) };
  const { record } = await appendTerminal(deps, stamp, last);
  await finish(deps, { run: [...records, record] }, { waiting: await waitingOf(deps, runId) });
}

function causeOf(told: Sentence): Cause {
  const category = categoryOf(told.error);
  return {
    code: told.error,
    category: category === 'refused' || category === 'fenced' ? category : 'other',
    sentence: told.cause,
  };
}
