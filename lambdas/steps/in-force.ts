import { Failure } from '../../core/failure';
import type { Policy } from '../../core/policy/schema';
import type { Vault } from '../../core/ports/vault';

/**
 * Looks at the labels once more, right before something is taken from the bad version: people move labels by hand, and
 * what AWSCURRENT points to must never be killed.
 * @throws Failure LabelsMoved when the good version is not, or the bad one is, the current one (nothing was changed)
 */
export async function assertInForce(
  vault: Pick<Vault, 'labels'>,
  policy: Policy,
  pair: { readonly good: string; readonly bad: string },
): Promise<void> {
  const { current } = await vault.labels(policy.secret);
  if (current === pair.bad) throw moved(policy, current, pair.good);
  assertCurrent(policy, current, pair.good);
}

/** @throws Failure LabelsMoved when the version the run relies on is not the current one (nothing was changed) */
export function assertCurrent(policy: Policy, current: string | undefined, reliedOn: string): void {
  if (current !== reliedOn) throw moved(policy, current, reliedOn);
}

function moved({ secret }: Policy, current: string | undefined, reliedOn: string): Failure {
  const message = `AWSCURRENT of ${secret} points to ${current ?? 'no version'}; this run relies on ${reliedOn} being the one in force. Somebody moved the label. Nothing was changed by this step. What is owed stays owed and is held against the label as it is then.`;
  return new Failure('LabelsMoved', message, 'none');
}
