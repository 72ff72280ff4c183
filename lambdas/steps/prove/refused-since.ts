import type { RecordOf } from '../../../core/evidence/record';
import type { RunState } from '../../../core/run/state';
import type { Finding } from '../../../core/verdict/judge';
import type { ProberDeps } from '../deps';
import { storyOf } from '../heads';

/**
 * The finding, with its refusal dated back to the first stable one on record: a run that Settle took over looks again,
 * and what a credential derived is as old as its first refusal, not as young as the newest look.
 */
export async function datedBack(
  { connector, evidence }: Pick<ProberDeps, 'connector' | 'evidence'>,
  { runId, about }: Pick<RunState, 'runId' | 'about'>,
  versionId: string,
  finding: Finding,
): Promise<Finding> {
  // Only what cannot be listed is dated; sessions that can be counted say themselves when they began.
  if (connector.descriptor.sessions !== 'bounded') return finding;
  if (finding.state !== 'refused' || finding.lastAccepted !== undefined) return finding;
  const runs = about === null ? [runId] : [about, runId];
  const stories = await Promise.all(runs.map(async (each) => storyOf(evidence, each)));
  const since = refusedSince(
    stories.flatMap(({ proof }) => proof.filter((record) => record.type === 'Judged')),
    versionId,
  );
  if (since === undefined || since >= finding.firstStableRefusal) return finding;
  return { ...finding, firstStableRefusal: since };
}

/** Since when no look has seen a version accepted, epoch milliseconds; an acceptance makes the dating begin anew. */
function refusedSince(looks: readonly RecordOf<'Judged'>[], versionId: string): number | undefined {
  let since: number | undefined;
  for (const look of looks) {
    if (look.versionId !== versionId || look.claim !== 'refused') continue;
    const accepted = look.lastAcceptedAt === null ? undefined : Date.parse(look.lastAcceptedAt);
    if (since !== undefined && accepted !== undefined && accepted >= since) since = undefined;
    if (look.firstStableRefusalAt !== null) since ??= Date.parse(look.firstStableRefusalAt);
  }
  return since;
}
