import type { CredentialVersion } from '../../../core/credential';
import { seconds } from '../../../core/policy/duration';
import type { Policy } from '../../../core/policy/schema';
import { UNLISTED } from '../../../core/run/revoking';
import type { RunState } from '../../../core/run/state';
import { iso, type MutatorDeps } from '../deps';
import { NAMED_BY_SECRET, type Known } from './known';

type Ports = Pick<MutatorDeps, 'registry' | 'now' | 'connector'>;

/** Settle leaves the obligations of a revocation alone for this long: its own run is about to pay them, in ms. */
const GRACE_MS = 60_000;

/** Opens what each version is owed: a refusal, by the revocation's deadline. One that is owed already stays as it is. */
export async function oweAll(
  deps: Ports,
  policy: Policy,
  run: RunState,
  versions: readonly Known[],
): Promise<void> {
  await Promise.all(
    versions.map((version) =>
      owe(deps, policy, run, version, version.noted === 'yes' ? 'revoked' : NAMED_BY_SECRET),
    ),
  );
}

async function owe(
  deps: Ports,
  policy: Policy,
  run: RunState,
  { versionId, remoteId }: CredentialVersion,
  why: string,
): Promise<void> {
  const now = deps.now();
  await deps.registry.openObligation({
    identityId: policy.id,
    versionId,
    remoteId,
    type: 'refusal',
    by: 'revocation',
    runId: run.about ?? run.runId,
    openedAt: iso(now),
    deadline: iso(Date.parse(run.requestedAt) + seconds(policy.revocation.within) * 1_000),
    nextAttemptAt: iso(now + GRACE_MS),
    attempts: 0,
    why,
  });
}

/**
 * Opens what an identity is owed of which nobody remembers a version: what lives of it at the target is not known before
 * that was listed, and a target that is away must not make it owe nothing.
 */
export async function oweListing(deps: Ports, policy: Policy, run: RunState): Promise<void> {
  if (!deps.connector.descriptor.capabilities.includes('list')) return;
  const why = 'revoked; no version is known, and what lives at the target was not listed yet';
  await owe(deps, policy, run, { versionId: UNLISTED, remoteId: '' }, why);
}
