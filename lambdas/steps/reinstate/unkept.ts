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
 * was never applied, and nobody can present it; only an issuer has made it all the same, and there it is revoked. A value
 * of ours that the vault held once and holds no more stays owed.
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
  const what = `Version ${noted.versionId} of ${policy.id} was noted by run ${noted.runId ?? 'unknown'}`;
  if (deps.connector.descriptor.issueStyle !== 'chosen') {
    await revoked(deps, run, policy, noted);
    throw withdrawn(
      `${what}. Secret ${policy.secret} does not hold it, so it was revoked where it was issued.`,
    );
  }
  // The vault forgets versions without a label (Secrets Manager API reference, PutSecretValue); the run's records stay.
  if (await wasKept(deps, noted)) return;
  const ended = `which ended before secret ${policy.secret} held it, so nothing was ever put in use.`;
  throw withdrawn(`${what}, ${ended}`);
}

function withdrawn(why: string): Failure {
  const message = `${why} Closing this run withdraws the obligation; nothing needs to be done.`;
  return new Failure('ObligationWithdrawn', message, 'none');
}

/** Mint says so, or Reinstate, which puts the old one back only after it has read the candidate. */
async function wasKept(deps: MutatorDeps, { versionId, runId }: VersionRow): Promise<boolean> {
  if (runId === undefined) return false;
  const { run } = await storyOf(deps.evidence, runId);
  const undone = run.some(
    (record) =>
      record.type === 'ChangeIntended' &&
      record.stage === 'Reinstate' &&
      record.change === 'reinstate' &&
      record.supersededId === versionId,
  );
  return undone || newest(run, 'ChangeMade', 'Mint')?.versionId === versionId;
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
