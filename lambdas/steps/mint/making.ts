import type { Call, Subject } from '../../../core/call';
import type { Change, Minted } from '../../../core/connector';
import type { VersionRow } from '../../../core/credential';
import { Failure } from '../../../core/failure';
import type { Policy } from '../../../core/policy/schema';
import type { IdentityRow } from '../../../core/ports/registry';
import type { RunState } from '../../../core/run/state';
import type { Turn } from '../change';
import { iso, type MutatorDeps } from '../deps';
import { held, type Held } from '../subject';

/** A candidate about to be made, by a worker that holds the identity. */
export interface Making {
  readonly run: RunState;
  readonly policy: Policy;
  readonly subject: Subject;
  readonly candidateId: string;
  readonly current: Held;
  readonly turn: Turn;
  readonly row: IdentityRow;
  readonly call: Call;
  /** Of chosen kinds, what the candidate will be unless an earlier worker of this step kept one. */
  readonly drawn: Promise<Drawn> | undefined;
}

/** A value made by us or by the issuer, that nobody holds yet. */
export interface Drawn extends Minted {
  readonly fingerprint: string;
}

/** A candidate the vault holds. */
export interface Kept extends Held {
  readonly fingerprint: string;
}

/** A candidate the target accepts, or will. */
export interface Made extends Kept {
  readonly change: Change;
  /** What else had to be done for it, in words for the record. */
  readonly detail?: string;
}

/**
 * The candidate an earlier worker of this step put into the vault.
 * @throws Failure PendingConflict when it is not what that worker noted
 */
export async function keptEarlier(deps: MutatorDeps, making: Making): Promise<Kept | undefined> {
  const { policy, subject, candidateId, turn, row } = making;
  const earlier = turn === 'repeated' ? await held(deps, policy, subject, candidateId) : undefined;
  if (!earlier) return undefined;
  const fingerprint = await deps.fingerprints.of(earlier.material);
  // The registry's note is written before the vault's version: one without its note was not put there by us.
  const noted = row.versions.find((version) => version.versionId === candidateId)?.fingerprint;
  if (noted !== fingerprint) throw planted(policy, candidateId);
  return { ...earlier, fingerprint };
}

/** A value with its fingerprint. */
export async function fingerprinted(
  { fingerprints }: Pick<MutatorDeps, 'fingerprints'>,
  minted: Minted,
): Promise<Drawn> {
  return { ...minted, fingerprint: await fingerprints.of(minted.material) };
}

/** Notes the candidate, then makes it durable as AWSPENDING. */
export async function keep(deps: MutatorDeps, making: Making, drawn: Drawn): Promise<Kept> {
  const { run, policy, candidateId, current, row } = making;
  const { remoteId, material, fingerprint } = drawn;
  const pending: VersionRow = {
    versionId: candidateId,
    remoteId,
    stage: 'AWSPENDING',
    runId: run.runId,
    fingerprint,
    mintedAt: iso(deps.now()),
  };
  const { versionId } = current;
  const superseded: VersionRow = { versionId, remoteId: current.remoteId, stage: 'AWSCURRENT' };
  const known = row.versions.find((version) => version.versionId === versionId);
  await deps.registry.setVersions(run.identityId, run.fence, [{ ...known, ...superseded }, pending]);
  await deps.vault.putPending(policy.secret, candidateId, material);
  return { versionId: candidateId, remoteId, material, fingerprint };
}

function planted(policy: Policy, versionId: string): Failure {
  const message = `Version ${versionId} of secret ${policy.secret} does not hold what this run made for ${policy.id}; somebody else wrote it. Nothing was changed at the target. Find out who may write the secret, take AWSPENDING off that version, and start again.`;
  return new Failure('PendingConflict', message, 'none');
}
