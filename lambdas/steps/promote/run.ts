import { Failure } from '../../../core/failure';
import { seconds } from '../../../core/policy/duration';
import type { VersionRow } from '../../../core/credential';
import type { IdentityRow } from '../../../core/ports/registry';
import type { RunState } from '../../../core/run/state';
import type { Claims, Fenced, Obligations } from '../../../core/ports/registry';
import type { VaultLabels, VaultMoves } from '../../../core/ports/vault';
import { change } from '../change';
import { iso, type Deps, type Using } from '../deps';
import { storyOf } from '../heads';
import { abandoned, turnedBack } from '../turned-back';

type Ports = Pick<Deps, 'evidence' | 'policies' | 'now' | 'timeoutMs' | 'ledgerId' | 'code'> &
  Using<Claims & Fenced & Obligations> & { readonly vault: VaultLabels & VaultMoves };

/** Settle leaves a new obligation alone for this long: its own run is about to pay it. */
const GRACE_MS = 5 * 60_000;

/**
 * Moves AWSCURRENT to the candidate. What it supersedes is owed a refusal from before the label moves, so that its id
 * cannot be lost by a crash (Infisical/infisical#7483).
 */
export async function promote(deps: Ports, run: RunState): Promise<RunState> {
  const { policy } = await deps.policies.of(run.identityId);
  const candidateId = run.candidate ?? '';
  const supersededId = run.superseded ?? '';
  const intent = {
    stage: 'Promote',
    controls: policy.controls,
    change: 'promote',
    versionId: candidateId,
    supersededId,
    versions: ({ versions }: IdentityRow) => versions.map((version) => relabel(version, run)),
  } as const;
  const { run: after } = await change(deps, run, intent, async (_turn, { versions }) => {
    const now = deps.now();
    const dueMs = now + run.overlapSeconds * 1_000;
    await deps.registry.openObligation({
      identityId: run.identityId,
      versionId: supersededId,
      remoteId: remoteIdOf(versions, supersededId),
      type: 'refusal',
      by: 'rotation',
      runId: run.runId,
      openedAt: iso(now),
      deadline: iso(dueMs + seconds(policy.revocation.within) * 1_000),
      nextAttemptAt: iso(dueMs + GRACE_MS),
      attempts: 0,
      why: 'superseded by a rotation',
    });
    await deps.vault.promote(policy.secret, candidateId, supersededId);
    return { effect: 'applied', versionId: candidateId, supersededId };
  });
  return after;
}

function relabel(version: VersionRow, run: RunState): VersionRow {
  if (version.versionId === run.candidate) {
    return { ...version, stage: 'AWSCURRENT', ...(run.cut !== null && { cut: run.cut }) };
  }
  return version.versionId === run.superseded ? { ...version, stage: 'AWSPREVIOUS' } : version;
}

function remoteIdOf(versions: readonly VersionRow[], versionId: string): string {
  return versions.find((version) => version.versionId === versionId)?.remoteId ?? '';
}

/**
 * Puts the labels back: AWSCURRENT to the version that was superseded, AWSPENDING off the candidate. The refusal the
 * superseded version was owed is withdrawn, because it is in force again; the candidate's own stays open. When Reinstate
 * could not reach the target this comes all the same: no pending version outlives its run, and the run that pays the
 * candidate's refusal puts the old credential back in force first.
 */
export async function promoteBack(deps: Ports, given: RunState): Promise<RunState> {
  const { policy } = await deps.policies.of(given.identityId);
  const known = given.direction === 'undo' && given.candidate !== null;
  const run = known ? given : turnedBack(given, await storyOf(deps.evidence, given.runId), 'PromoteBack');
  if (run.candidate === null) throw nothingToTakeBack(run);
  const goodId = run.superseded ?? '';
  const badId = run.candidate;
  const intent = {
    stage: 'PromoteBack',
    controls: policy.controls,
    change: 'promoteBack',
    versionId: goodId,
    supersededId: badId,
    versions: ({ versions }: IdentityRow) =>
      versions
        .filter((version) => version.versionId !== badId)
        .map((version) => (version.versionId === goodId ? reinstated(version, run) : version)),
  } as const;
  const { run: after } = await change(deps, run, intent, async (_turn, row) => {
    const labels = await deps.vault.labels(policy.secret);
    const moved = labels.current === badId;
    const remoteId = remoteIdOf(row.versions, badId);
    if (moved || labels.pending === badId)
      await deps.registry.openObligation(
        abandoned(policy, run.runId, { versionId: badId, remoteId }, deps.now()),
      );
    // The store may answer with the labels of a moment ago. Both moves are conditional and no-ops where nothing is to move.
    // AWSPENDING goes first: where a step ends between the two for good, what is left is the candidate as current, which
    // Settle looks at, and not a label that only the next rotation takes off.
    await deps.vault.dropPending(policy.secret, badId);
    if (moved || labels.current === goodId) await deps.vault.promote(policy.secret, goodId, badId);
    await deps.registry.payObligation({
      identityId: run.identityId,
      versionId: goodId,
      type: 'refusal',
      by: 'rotation',
    });
    return {
      effect: moved || labels.pending === badId ? 'applied' : 'alreadySo',
      versionId: goodId,
      supersededId: badId,
    };
  });
  return after;
}

function reinstated(version: VersionRow, run: RunState): VersionRow {
  return { ...version, stage: 'AWSCURRENT', ...(run.cut !== null && { cut: run.cut }) };
}

function nothingToTakeBack(run: RunState): Failure {
  const message = `Run ${run.runId} intended no candidate, so there is nothing to take back. Nothing was changed.`;
  return new Failure('Internal', message, 'none');
}
