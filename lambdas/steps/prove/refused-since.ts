import type { EvidenceRecord, RecordOf } from '../../../core/evidence/record';
import type { Obligation } from '../../../core/ports/registry';
import type { RunState } from '../../../core/run/state';
import type { Finding } from '../../../core/verdict/judge';
import type { ProberDeps } from '../deps';
import { storyOf } from '../heads';

/**
 * The finding, with its refusal dated back to the first stable one on record: a run that Settle took over looks again,
 * and what a credential derived is as old as its first refusal, not as young as the newest look.
 */
export async function datedBack(
  deps: Pick<ProberDeps, 'connector' | 'evidence' | 'registry'>,
  run: Pick<RunState, 'runId' | 'identityId' | 'about'>,
  versionId: string,
  finding: Finding,
): Promise<Finding> {
  // Only what cannot be listed is dated; sessions that can be counted say themselves when they began.
  if (deps.connector.descriptor.sessions !== 'bounded') return finding;
  if (finding.state !== 'refused' || finding.lastAccepted !== undefined) return finding;
  const earlier = await firstRefusedIn(deps, run, versionId);
  const runs = earlier === undefined ? [run.runId] : [earlier, run.runId];
  const stories = await Promise.all([...new Set(runs)].map(async (each) => storyOf(deps.evidence, each)));
  const since = refusedSince(
    looksAt(
      stories.flatMap(({ proof }) => proof),
      versionId,
    ),
  );
  if (since === undefined || since >= finding.firstStableRefusal) return finding;
  return { ...finding, firstStableRefusal: since };
}

/** What is owed a refusal says itself which run first saw it; of what is paid, only the run that this one is about is known. */
async function firstRefusedIn(
  { registry }: Pick<ProberDeps, 'registry'>,
  { identityId, about }: Pick<RunState, 'identityId' | 'about'>,
  versionId: string,
): Promise<string | undefined> {
  if (about === null) return undefined;
  const owed = (await registry.obligationsOf(identityId)).find(
    (each) => each.type === 'refusal' && each.versionId === versionId,
  );
  return owed ? owed.refusedIn : about;
}

/**
 * An obligation after a run that did not pay it: what that run saw of the version decides where its refusal began, and an
 * acceptance makes it begin anew.
 */
export function datedBy(owed: Obligation, runId: string, proof: readonly EvidenceRecord[]): Obligation {
  const looks = looksAt(proof, owed.versionId);
  const { refusedIn, ...undated } = owed;
  const wasAccepted = looks.some(({ lastAcceptedAt }) => lastAcceptedAt !== null);
  const held = wasAccepted ? undefined : refusedIn;
  const since = held ?? (refusedSince(looks) === undefined ? undefined : runId);
  return since === undefined ? undated : { ...undated, refusedIn: since };
}

/** What was made of a version that has to be refused, in order. */
function looksAt(proof: readonly EvidenceRecord[], versionId: string): readonly RecordOf<'Judged'>[] {
  return proof.filter(
    (record): record is RecordOf<'Judged'> =>
      record.type === 'Judged' && record.versionId === versionId && record.claim === 'refused',
  );
}

/** Since when no look has seen a version accepted, epoch milliseconds; an acceptance makes the dating begin anew. */
function refusedSince(looks: readonly RecordOf<'Judged'>[]): number | undefined {
  let since: number | undefined;
  for (const look of looks) {
    const accepted = look.lastAcceptedAt === null ? undefined : Date.parse(look.lastAcceptedAt);
    if (since !== undefined && accepted !== undefined && accepted >= since) since = undefined;
    if (look.firstStableRefusalAt !== null) since ??= Date.parse(look.firstStableRefusalAt);
  }
  return since;
}
