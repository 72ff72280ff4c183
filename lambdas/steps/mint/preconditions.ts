import { Failure } from '../../../core/failure';
import type { Policy } from '../../../core/policy/schema';
import type { Obligation, Obligations } from '../../../core/ports/registry';
import type { VaultLabels } from '../../../core/ports/vault';
import type { Using } from '../deps';
import { assertControl } from '../subject';
import { together } from '../together';

/**
 * Looks at the labels, the control and obligations before anything is made. Returns the current version's id.
 * @throws Failure SecretMissing, ControlMissing, PendingConflict, ObligationOpen; nothing was changed
 */
export async function assertNothingInTheWay(
  deps: { readonly vault: VaultLabels } & Using<Pick<Obligations, 'standing'>>,
  policy: Policy,
  candidateId: string,
): Promise<string> {
  const [labels, { row, owed }] = await together([
    deps.vault.labels(policy.secret),
    deps.registry.standing(policy.id),
    assertControl(deps.vault, policy),
  ]);
  if (labels.current === undefined) {
    const message = `Secret ${policy.secret} of ${policy.id} has no AWSCURRENT version. Nothing was changed. Put the credential in use there and start again.`;
    throw new Failure('SecretMissing', message, 'none');
  }
  const known =
    row?.versions.filter((version) => version.stage === 'AWSPENDING').map((version) => version.versionId) ??
    [];
  const pending = [...new Set([...known, ...(labels.pending === undefined ? [] : [labels.pending])])];
  // Promote leaves the label on what it promoted; and a candidate that was undone and is owed nothing may be superseded.
  const own = row?.versions.filter(({ runId, versionId }) => runId && !owes(owed, versionId)) ?? [];
  const harmless = [candidateId, labels.current, labels.previous, ...own.map(({ versionId }) => versionId)];
  const strangers = pending.filter((versionId) => !harmless.includes(versionId));
  for (const each of strangers) assertNoLabelIsStillNeeded(owed, policy, each);
  if (strangers.length > 0) {
    const message = `Secret ${policy.secret} of ${policy.id} already has the pending version(s) ${strangers.join(' and ')}, and no live run made them; exactly one pending version, this run's own, is allowed. Nothing was changed. Find out who put AWSPENDING there, take the label off (aws secretsmanager update-secret-version-stage), and start again.`;
    throw new Failure('PendingConflict', message, 'none');
  }
  assertNoLabelIsStillNeeded(owed, policy, labels.previous);
  return labels.current;
}

function owes(owed: readonly Obligation[], versionId: string): boolean {
  return owed.some((obligation) => obligation.type === 'refusal' && obligation.versionId === versionId);
}

/** A rotation takes AWSPENDING and AWSPREVIOUS from what has them; while that is owed a refusal it must stay readable. */
function assertNoLabelIsStillNeeded(
  owed: readonly Obligation[],
  policy: Policy,
  versionId: string | undefined,
): void {
  const open = owed.find((each) => each.type === 'refusal' && each.versionId === versionId);
  if (!open) return;
  const message = `Version ${open.versionId} of ${policy.id} is still owed a proven refusal (since ${open.openedAt}, run ${open.runId}); a rotation now would take its last label and nobody could present it any more. Nothing was changed. Settle tries again at ${open.nextAttemptAt}; the rotation follows once it is paid.`;
  throw new Failure('ObligationOpen', message, 'none');
}
