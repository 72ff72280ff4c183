import type { VersionRow } from '../../../core/credential';
import { Failure } from '../../../core/failure';
import type { Policy } from '../../../core/policy/schema';
import type { RunState } from '../../../core/run/state';
import { change } from '../change';
import type { MutatorDeps } from '../deps';
import { newest, storyOf } from '../heads';
import { revokeOrphans } from '../mint/orphans';
import { callAs, subjectOf } from '../subject';

/**
 * Lets a run pay for a version unless that is a candidate which its run noted and never kept. What the vault never held
 * was never applied, and nobody can present it; only an issuer has made it all the same, and there it is revoked. What the
 * vault held once and holds no more stays owed.
 * @throws Failure ObligationWithdrawn when it never became durable
 */
export async function refuseUnkept(
  deps: MutatorDeps,
  run: RunState,
  policy: Policy,
  versions: readonly VersionRow[],
): Promise<void> {
  const noted = versions.find((each) => each.versionId === run.superseded && each.stage === 'AWSPENDING');
  if (!noted || (await deps.vault.read(policy.secret, noted.versionId)) !== undefined) return;
  // The vault forgets versions without a label (Secrets Manager API reference, PutSecretValue); the run's record stays.
  if (await wasMade(deps, noted)) return;
  if (deps.connector.descriptor.issueStyle !== 'chosen') await revoked(deps, run, policy, noted);
  const message = `Version ${noted.versionId} of ${policy.id} was noted by run ${noted.runId ?? 'unknown'}, which ended before secret ${policy.secret} held it, so nothing was ever put in use. The obligation is withdrawn; nothing needs to be done.`;
  throw new Failure('ObligationWithdrawn', message, 'none');
}

async function wasMade(deps: MutatorDeps, { versionId, runId }: VersionRow): Promise<boolean> {
  if (runId === undefined) return false;
  const { run } = await storyOf(deps.evidence, runId);
  return newest(run, 'ChangeMade', 'Mint')?.versionId === versionId;
}

async function revoked(deps: MutatorDeps, run: RunState, policy: Policy, noted: VersionRow): Promise<void> {
  const { versionId, remoteId, runId = run.runId } = noted;
  const call = await callAs(deps, run, policy, 'admin');
  const intent = {
    stage: 'Reassert',
    controls: policy.controls,
    change: 'revokeOrphans',
    versionId,
    supersededId: null,
  } as const;
  await change(deps, run, intent, async () => {
    const orphan = { remoteId, runId, status: 'active', attributable: true } as const;
    const detail = await revokeOrphans(deps, subjectOf(deps, policy), [orphan], call);
    return { effect: 'applied', versionId, remoteId, detail: detail ?? null };
  });
}
