import { createHash } from 'node:crypto';
import type { Call, Subject } from '../../../core/call';
import type { Change } from '../../../core/connector';
import type { VersionRow } from '../../../core/credential';
import { Failure } from '../../../core/failure';
import type { Policy } from '../../../core/policy/schema';
import type { IdentityRow } from '../../../core/ports/registry';
import type { RunState } from '../../../core/run/state';
import { change, type Outcome, type Turn } from '../change';
import { iso, type MutatorDeps } from '../deps';
import { callAs, held, mustHold, subjectOf, type Held } from '../subject';
import { baselineOf } from '../prove/consumers';
import { assertNothingInTheWay } from './preconditions';

/**
 * Makes the candidate: looked for what is in the way first, then durable as AWSPENDING, and only then applied at the
 * target, so that a crash between the two never leaves a live value that nobody holds (hashicorp/vault#6042).
 * @throws Failure of category `refused` before anything was changed; TargetUnreachable, TargetRejected, FenceLost
 */
export async function mint(deps: MutatorDeps, run: RunState): Promise<RunState> {
  const { policy } = await deps.policies.of(run.identityId);
  const subject = subjectOf(deps, policy);
  const candidateId = versionIdOf(run.runId);
  const currentId = await assertNothingInTheWay(deps, policy, candidateId);
  const [current, call] = await Promise.all([
    mustHold(deps, policy, subject, currentId),
    callAs(deps, run, policy, 'admin'),
  ]);
  await deps.connector.operations.preflight(subject, current, call);
  const foreign = await foreignCredentials(deps, subject, call);
  const before = await baselineOf(deps, policy, candidateId);
  const intent = {
    stage: 'Mint',
    controls: policy.controls,
    change: 'mint',
    versionId: candidateId,
    supersededId: currentId,
  } as const;
  const { run: after, made } = await change(deps, run, intent, async (turn, row) => {
    const candidate = await durable(deps, run, policy, subject, { candidateId, current, turn, row, call });
    const applied = await deps.connector.operations.apply(subject, candidate, candidate.material, call);
    return { ...outcome(candidate, currentId, applied, foreign), consumers: before };
  });
  return { ...after, candidate: candidateId, superseded: currentId, cut: made.cut };
}

/** A version id that one run always gets again: the vault's ClientRequestToken, so a repeat is a no-op there. */
export function versionIdOf(runId: string): string {
  const hex = createHash('sha256').update(`gapless candidate ${runId}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}

interface Making {
  readonly candidateId: string;
  readonly current: Held;
  readonly turn: Turn;
  readonly row: IdentityRow;
  readonly call: Call;
}

/** The candidate in the vault: the one an earlier worker put there, or a new one. */
async function durable(
  deps: MutatorDeps,
  run: RunState,
  policy: Policy,
  subject: Subject,
  making: Making,
): Promise<Held & { readonly fingerprint: string }> {
  const { candidateId, current, turn, row, call } = making;
  const earlier = turn === 'repeated' ? await held(deps, policy, subject, candidateId) : undefined;
  const minted = earlier ?? (await deps.connector.operations.mint(subject, current.material, call));
  const fingerprint = await deps.fingerprints.of(minted.material);
  // The registry's note is written before the vault's version: one without its note was not put there by us.
  const noted = row.versions.find((version) => version.versionId === candidateId)?.fingerprint;
  if (earlier && noted !== fingerprint) throw planted(policy, candidateId);
  const pending: VersionRow = {
    versionId: candidateId,
    remoteId: minted.remoteId,
    stage: 'AWSPENDING',
    runId: run.runId,
    fingerprint,
    mintedAt: iso(deps.now()),
  };
  const superseded: VersionRow = {
    versionId: current.versionId,
    remoteId: current.remoteId,
    stage: 'AWSCURRENT',
  };
  const known = row.versions.find((version) => version.versionId === current.versionId);
  await deps.registry.setVersions(run.identityId, run.fence, [{ ...known, ...superseded }, pending]);
  if (!earlier) await deps.vault.putPending(policy.secret, candidateId, minted.material);
  return { versionId: candidateId, remoteId: minted.remoteId, material: minted.material, fingerprint };
}

function planted(policy: Policy, versionId: string): Failure {
  const message = `Version ${versionId} of secret ${policy.secret} does not hold what this run made for ${policy.id}; somebody else wrote it. Nothing was changed at the target. Find out who may write the secret, take AWSPENDING off that version, and start again.`;
  return new Failure('PendingConflict', message, 'none');
}

/** Credentials at the target that nobody can attribute to the identity: reported, never touched. */
async function foreignCredentials(deps: MutatorDeps, subject: Subject, call: Call): Promise<string | null> {
  if (!deps.connector.descriptor.capabilities.includes('list')) return null;
  const foreign = (await deps.connector.operations.list(subject, call)).filter(
    (credential) => !credential.attributable,
  );
  if (foreign.length === 0) return null;
  const names = foreign.slice(0, 5).map((credential) => credential.remoteId);
  return `${foreign.length} live credential(s) at the target cannot be attributed and were left alone: ${names.join(', ')}`;
}

function outcome(
  candidate: Held & { readonly fingerprint: string },
  supersededId: string,
  applied: Change,
  foreign: string | null,
): Outcome {
  return {
    effect: applied.effect,
    versionId: candidate.versionId,
    remoteId: candidate.remoteId,
    fingerprint: candidate.fingerprint,
    supersededId,
    requestId: applied.requestId ?? null,
    cut: applied.cut ?? null,
    detail: foreign,
  };
}
