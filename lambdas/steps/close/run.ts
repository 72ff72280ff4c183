import { Failure } from '../../../core/failure';
import { closing, outcomeOf } from '../../../core/run/closing';
import type { Obligation, RunRegistry } from '../../../core/ports/registry';
import { pairOf } from '../../../core/run/pair';
import { containmentsOf, UNLISTED } from '../../../core/run/revoking';
import type { RunState } from '../../../core/run/state';
import { iso, type Deps, type Using } from '../deps';
import { asKind } from '../emergency';
import { newest, storyOf, type Story } from '../heads';
import { nextAttempt } from './backoff';
import { answersFor } from './debts';
import { resolveIntents } from './intents';
import { withReissue } from './reissue';
import type { RawFailure } from './sentence';
import { stampOf } from '../stamp';
import { finish } from './finish';
import { together } from '../together';
import { appendTerminal, waitingOf } from './terminal';

type Ports = Pick<Deps, 'evidence' | 'spill' | 'policies' | 'notices' | 'now' | 'ledgerId' | 'code'> &
  Using<RunRegistry>;

/**
 * Closes a run that went all the way. It believes nothing it was told: the verdict is taken from the chains again.
 * @param reissueFailure why the reissue that was asked for could not be started; it is put on record
 * @throws Failure Inconclusive when the chains do not support `verified`; nothing was closed
 */
export async function close(given: Ports, run: RunState, reissueFailure?: RawFailure): Promise<RunState> {
  const deps = asKind(given, run.kind);
  const [story, { owed, row }] = await Promise.all([
    storyOf(deps.evidence, run.runId),
    deps.registry.standing(run.identityId),
  ]);
  const opened = newest(story.run, 'RunOpened');
  const about = owed.filter(
    (each) => isSettledBy(run, story, each) || (opened && answersFor(opened, story, each)),
  );
  const paid = about.filter((each) => isPaid(run, story, each));
  const left = about.filter((obligation) => !paid.includes(obligation));
  if (outcomeOf(story, undefined, []) !== 'verified') {
    const message = `Run ${run.runId} reached its end without the proofs that verified stands on. It is not closed as verified. Look at it with: gapless evidence show ${run.runId}`;
    throw new Failure('Inconclusive', message, 'none');
  }
  const { policy } = await deps.policies.of(run.identityId);
  const stamp = stampOf(deps, run, 'Close', policy.controls);
  const resolved = await resolveIntents(deps, stamp, before(story, run.seq), run);
  const { head: from, records } = await withReissue(deps, stamp, run, resolved, reissueFailure);
  const statement = closing(
    { ...story, run: records },
    undefined,
    left.map((obligation) => `${obligation.type} ${obligation.versionId}`),
  );
  const end = { head: from, item: run.identityId, at: iso(deps.now()), statement };
  const [{ record, head }] = await together([
    appendTerminal(deps, stamp, end),
    ...paid.map((obligation) => deps.registry.payObligation(obligation)),
    ...left.map((obligation) =>
      deps.registry.postponeObligation(obligation, nextAttempt(obligation, deps.now())),
    ),
  ]);
  const waiting = await waitingOf(deps, run.runId);
  await finish(deps, { run: [...records, record] }, { row, waiting });
  return { ...run, seq: head.seq, prev: head.prev };
}

/** The run as it stood before this stage, of which an earlier worker may have written some. */
function before(story: Story, seq: number): Story {
  return { ...story, run: story.run.slice(0, seq) };
}

/** What an emergency demands of a version meanwhile rests on proofs that only a run that contained it can have. */
function isSettledBy(run: RunState, story: Story, { by, versionId }: Obligation): boolean {
  const pays = by === 'rotation' || containmentsOf(story).length > 0;
  return pays && subjects(run, story).includes(versionId);
}

/** A refusal by what this run was about, which is proven as it is verified; a removal by having been made. */
function isPaid(run: RunState, story: Story, { type, versionId }: Obligation): boolean {
  return type === 'refusal' ? subjects(run, story).includes(versionId) : isRemoved(story, versionId);
}

/** The versions a run had to see dead. */
function subjects(run: RunState, story: Story): readonly string[] {
  const contained = containmentsOf(story).map(({ versionId }) => versionId);
  // What it contained it has found by listing, too.
  if (contained.length > 0) contained.push(UNLISTED);
  const bad = pairOf(run)?.bad;
  return bad === undefined ? contained : [...contained, bad];
}

function isRemoved(story: Story, versionId: string): boolean {
  const made = story.run.findLast(
    (record) => record.type === 'ChangeMade' && record.stage === 'Remove' && record.versionId === versionId,
  );
  return made?.type === 'ChangeMade' && made.effect !== 'deferred';
}
