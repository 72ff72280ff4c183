import type { CredentialVersion } from '../../core/credential';
import { seconds } from '../../core/policy/duration';
import type { Policy } from '../../core/policy/schema';
import type { Obligation } from '../../core/ports/registry';
import type { RunState } from '../../core/run/state';
import { iso } from './deps';
import { headsFor, newest, type Story } from './heads';

/** Settle leaves an abandoned candidate alone for this long: its own run is about to prove it refused. */
const GRACE_MS = 2 * 60_000;

/** A run that goes back, as its evidence tells it; without a candidate when Mint had intended none. */
export function turnedBack(run: RunState, story: Story, stage: 'Reinstate' | 'PromoteBack'): RunState {
  const intended = newest(story.run, 'ChangeIntended', 'Mint');
  const made = newest(story.run, 'ChangeMade', 'Mint');
  return {
    ...run,
    ...headsFor(story, stage),
    direction: 'undo',
    candidate: intended?.versionId ?? null,
    superseded: intended?.supersededId ?? null,
    cut: newest(story.run, 'ChangeMade', 'Reinstate')?.cut ?? null,
    cutFrom: made?.cut ?? null,
  };
}

/** The refusal that an abandoned candidate is owed, without a deadline where there is no policy. `now` in epoch ms. */
export function abandoned(
  { id, revocation }: Pick<Policy, 'id'> & Partial<Pick<Policy, 'revocation'>>,
  runId: string,
  { versionId, remoteId }: CredentialVersion,
  now: number,
): Obligation {
  return {
    identityId: id,
    versionId,
    remoteId,
    type: 'refusal',
    by: 'rotation',
    runId,
    openedAt: iso(now),
    deadline: revocation && iso(now + seconds(revocation.within) * 1_000),
    nextAttemptAt: iso(now + GRACE_MS),
    attempts: 0,
    why: 'minted by a run that was undone',
  };
}
