import { append } from '../../../core/evidence/append';
import { GENESIS, headAfter } from '../../../core/evidence/chain';
import type { RecordOf } from '../../../core/evidence/record';
import type { RunState } from '../../../core/run/state';
import type { StepName } from '../contracts';
import { iso, type Deps } from '../deps';
import { stampOf } from '../stamp';

export type Judged = RecordOf<'Judged'>;
/** What a proving stage found, in the words of its one record. */
export type Proof = Pick<Judged, 'versionId' | 'finding' | 'claim' | 'cause' | 'observed' | 'rule'> &
  Partial<
    Pick<Judged, 'lastAcceptedAt' | 'firstStableRefusalAt' | 'sessions' | 'sessionsZeroAt' | 'consumers'>
  >;

/**
 * Appends the one record of a proving stage to the PROOF chain. A repeated stage gets back what it recorded first:
 * a proof is never taken twice and never improved. What it has found to be worse since is added behind, and counts.
 */
export async function record(
  deps: Pick<Deps, 'evidence' | 'now' | 'ledgerId' | 'code'>,
  run: RunState,
  stage: StepName,
  controls: readonly string[],
  proof: Proof,
): Promise<{ readonly run: RunState; readonly judged: Judged }> {
  const appended = await append(deps.evidence, stampOf(deps, run, stage, controls), {
    chain: 'PROOF',
    head: { seq: run.proofSeq, prev: run.proofPrev },
    item: proof.versionId ?? run.identityId,
    at: iso(deps.now()),
    statement: {
      type: 'Judged',
      lastAcceptedAt: null,
      firstStableRefusalAt: null,
      sessions: null,
      sessionsZeroAt: null,
      consumers: [],
      ...proof,
    },
  });
  if (appended.record.type !== 'Judged')
    throw new TypeError(`append returned ${appended.record.type} for a Judged record`);
  if (appended.status === 'repeated' && appended.record.finding === 'proven' && proof.finding !== 'proven')
    return recordAtEnd(deps, run, stage, controls, proof);
  return {
    run: { ...run, proofSeq: appended.head.seq, proofPrev: appended.head.prev },
    judged: appended.record,
  };
}

/** The worker before proved it, and died; this one has seen otherwise. */
async function recordAtEnd(
  deps: Pick<Deps, 'evidence' | 'now' | 'ledgerId' | 'code'>,
  run: RunState,
  stage: StepName,
  controls: readonly string[],
  proof: Proof,
): Promise<{ readonly run: RunState; readonly judged: Judged }> {
  const last = await deps.evidence.last('PROOF', run.runId);
  const end = last ? headAfter(last) : GENESIS;
  return record(deps, { ...run, proofSeq: end.seq, proofPrev: end.prev }, stage, controls, proof);
}
