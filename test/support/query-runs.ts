import type { Sealable } from '../../core/evidence/chain';
import { parseRecord } from '../../core/evidence/record';
import type { EvidenceStore } from '../../core/ports/evidence-store';
import type { Registry } from '../../core/ports/registry';
import { summaryOf } from '../../core/registry/run-summary';
import { closing } from '../../core/run/closing';
import { after, chainOf, factsOf, intended, judged, made, opened, type Entry } from './chains';

/** Both chains of a run. */
export interface Chains {
  readonly runId: string;
  readonly run: readonly Sealable[];
  readonly proof: readonly Sealable[];
}

/** What one run of a scene is like. */
export interface RunGiven {
  readonly runId: string;
  /** Seconds after START. */
  readonly at: number;
  readonly ends: 'verified' | 'aborted';
  readonly identity?: string;
  readonly controls?: readonly string[];
}

/** A rotation that was verified in 15 records, or that found no way to Mint in 4. */
export function runOf({ runId, at, ends, identity = 'orders-db', controls = ['IA-5'] }: RunGiven): Chains {
  const of = { runId, controls };
  const first: Entry = {
    ...opened({
      identity: {
        id: identity,
        aliases: [],
        kind: 'postgres-role',
        strategy: 'alternating',
        owner: 'payments',
        team: null,
        environment: null,
        platform: null,
        site: null,
      },
    }),
    at: after(at),
  };
  const stages = ends === 'verified' ? ['Mint', 'Promote', 'Distribute', 'Retire', 'Remove'] : ['Mint'];
  const changes = stages.flatMap((stage) => [intended(stage), made(stage, after(at + 10))]);
  const proofs =
    ends === 'verified'
      ? [
          judged('ProveNew', { versionId: 'new', claim: 'accepted' }),
          judged('ConfirmNew', { versionId: 'new' }),
          judged('ProveOld', { versionId: 'old' }),
        ]
      : [];
  const proof = chainOf('PROOF', proofs, {}, of);
  const sofar = chainOf('RUN', [first, ...changes], {}, of);
  const sentence = 'The target did not answer. Nothing was changed.';
  const cause =
    ends === 'verified' ? undefined : ({ code: 'TargetUnreachable', category: 'other', sentence } as const);
  const terminal = {
    stage: 'Close',
    statement: closing(factsOf(sofar, proof), cause, []),
    at: after(at + 60),
  };
  return { runId, run: chainOf('RUN', [first, ...changes, terminal], {}, of), proof };
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
