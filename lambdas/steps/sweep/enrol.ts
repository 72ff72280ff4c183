import type { VersionRow } from '../../../core/credential';
import { canonical } from '../../../core/evidence/canonical';
import { Failure } from '../../../core/failure';
import { categoryOf } from '../../../core/failure-category';
import type { PolicyEntry } from '../../../core/policy/document';
import { seconds } from '../../../core/policy/duration';
import type { Enrolments } from '../../../core/ports/registry';
import type { VaultLabels } from '../../../core/ports/vault';
import { spreadSlot } from '../close/finish';
import { iso, type Deps, type Using } from '../deps';

type Ports = Pick<Deps, 'policies' | 'archive' | 'now'> & Using<Enrolments> & { readonly vault: VaultLabels };

export interface Enrolled {
  readonly revision: string;
  readonly created: number;
  readonly updated: number;
}

/**
 * Takes a new revision of the policies into the registry; nothing happens while the revision is the one enrolled.
 * First slots are spread over the period by identity. The policy bodies are archived as evidence before any run can
 * refer to them.
 */
export async function enrol(deps: Ports): Promise<Enrolled> {
  const { revision, policies } = await deps.policies.document();
  if ((await deps.registry.enrolledRevision()) === revision) return { revision, created: 0, updated: 0 };
  let created = 0;
  for (const entry of policies) {
    await deps.archive.put(entry.sha256, canonical(entry.policy));
    created += (await enrolOne(deps, entry, revision)) === 'created' ? 1 : 0;
  }
  await deps.registry.setEnrolledRevision(revision);
  return { revision, created, updated: policies.length - created };
}

async function enrolOne(deps: Ports, entry: PolicyEntry, revision: string): Promise<'created' | 'updated'> {
  const { policy, sha256 } = entry;
  const every = policy.rotation && seconds(policy.rotation.every) * 1_000;
  return deps.registry.enrol({
    id: policy.id,
    kind: policy.kind,
    owner: policy.owner,
    network: policy.target.network,
    policyRevision: revision,
    policySha256: sha256,
    slot: every === undefined ? undefined : iso(spreadSlot(policy.id, every, deps.now())),
    versions: await versionsOf(deps, policy.secret),
  });
}

/**
 * The current version by its label. A secret that is not there yet, or not tagged for us, must not keep the others from
 * being enrolled: the identity's own run says what is wrong.
 */
async function versionsOf(deps: Ports, secret: string): Promise<readonly VersionRow[]> {
  try {
    const labels = await deps.vault.labels(secret);
    return labels.current === undefined
      ? []
      : [{ versionId: labels.current, remoteId: '', stage: 'AWSCURRENT' }];
  } catch (error) {
    if (error instanceof Failure && categoryOf(error.name) !== 'transient') return [];
    throw error;
  }
}
