import type { Sealable } from '../../core/evidence/chain';
import { parseRecord, type Actor } from '../../core/evidence/record';
import type { EvidenceStore } from '../../core/ports/evidence-store';
import type { Registry } from '../../core/ports/registry';
import { summaryOf } from '../../core/registry/run-summary';
import { closing } from '../../core/run/closing';
import { after, chainOf, factsOf, intended, judged, made, opened, type Entry, type Of } from './chains';

/** Both chains of a run. */
export interface Chains {
  readonly runId: string;
  readonly run: readonly Sealable[];
  readonly proof: readonly Sealable[];
}

/** What one run of a scene is like. */
export interface RunGiven extends Of {
  readonly runId: string;
  /** Seconds after START. */
  readonly at: number;
  readonly ends: 'verified' | 'aborted';
  readonly kind?: 'rotation' | 'revocation';
  readonly identity?: string;
}

const unnamed = { aliases: [], kind: 'postgres-role', strategy: 'alternating', owner: 'payments' };
const labels = { team: null, environment: null, platform: null, site: null };
const retiring: Entry = {
  stage: 'Retire',
  statement: { type: 'ChangeIntended', change: 'retire', versionId: 'old', supersededId: null },
};
const verified = ['Mint', 'Promote', 'Distribute', 'Retire', 'Remove'];

/** A run that was verified in 15 records, or that ended in 4 because its target did not answer. */
export function runOf(given: RunGiven): Chains {
  const { runId, at, ends, kind = 'rotation', identity = 'orders-db', controls = ['IA-5'] } = given;
  const of = { ...given, controls };
  const first = { ...opened({ kind, identity: { id: identity, ...unnamed, ...labels } }), at: after(at) };
  const stages = ends === 'verified' ? verified : [kind === 'rotation' ? 'Mint' : 'Contain'];
  const changes = stages.flatMap((stage) => [
    stage === 'Retire' ? retiring : intended(stage),
    made(stage, after(at + 10)),
  ]);
  const proven = [
    judged('ProveNew', { versionId: 'new', claim: 'accepted' }),
    judged('ConfirmNew', { versionId: 'new' }),
    judged('ProveOld', { versionId: 'old' }),
  ];
  const proof = chainOf('PROOF', ends === 'verified' ? proven : [], {}, of);
  const entries: readonly Entry[] = [first, ...changes];
  const sentence = 'The target did not answer.';
  const failed = { code: 'TargetUnreachable', category: 'other', sentence } as const;
  const statement = closing(
    factsOf(chainOf('RUN', entries, {}, of), proof),
    ends === 'verified' ? undefined : failed,
    [],
  );
  return {
    runId,
    run: chainOf('RUN', [...entries, { stage: 'Close', statement, at: after(at + 60) }], {}, of),
    proof,
  };
}

/** The review of a run that went on without a second person. */
export function reviewRunOf(
  given: Omit<RunGiven, 'ends'> & { readonly about: string; readonly actor: Actor },
): Chains {
  const { runId, at, identity = 'orders-db', about, actor } = given;
  const subject = { kind: 'review', identity: { id: identity, ...unnamed, ...labels }, about } as const;
  const first = { ...opened(subject), at: after(at) };
  const decided: Entry = {
    stage: 'Review',
    at: after(at),
    statement: {
      type: 'ApprovalDecided',
      decision: 'reviewed',
      requester: actor,
      approver: actor,
      requestSha256: '0'.repeat(64),
      cause: 'justified: the key was public',
    },
  };
  const facts = factsOf(chainOf('RUN', [first, decided], {}, given), []);
  const statement = { ...closing(facts, undefined, []), outcome: 'recorded' as const };
  return {
    runId,
    run: chainOf('RUN', [first, decided, { stage: 'Review', statement, at: after(at) }], {}, given),
    proof: [],
  };
}

/** Writes a run as its steps do: marker, records, row of the index, and the marker closed when the run is. */
export async function writeRun(
  { registry, evidence }: { readonly registry: Registry; readonly evidence: EvidenceStore },
  { runId, run, proof }: Chains,
): Promise<void> {
  const [first, last] = [run[0], run.at(-1)].map((stored) => stored && parseRecord(stored.body));
  if (first?.type !== 'RunOpened') throw new Error('a run begins with RunOpened');
  const { kind, at, identity } = first;
  const marker = { runId, identityId: identity.id, kind, executionArn: `arn:${runId}`, openedAt: at };
  await registry.openRun({ ...marker, adoptions: 0 });
  for (const record of [...run, ...proof]) await evidence.put(record);
  await registry.putSummary(summaryOf(first, undefined));
  if (last?.type !== 'RunClosed') return;
  await registry.putSummary(summaryOf(first, last));
  await registry.forgetRun(runId);
}
