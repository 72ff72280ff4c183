import { GENESIS, headAfter } from '../../core/evidence/chain';
import { parseRecord, type EvidenceRecord, type RecordOf } from '../../core/evidence/record';
import type { EvidenceStore } from '../../core/ports/evidence-store';
import type { RunState } from '../../core/run/state';

/** A run as its chains tell it. */
export interface Story {
  readonly run: readonly EvidenceRecord[];
  readonly proof: readonly EvidenceRecord[];
  readonly heads: Pick<RunState, 'seq' | 'prev' | 'proofSeq' | 'proofPrev'>;
}

/**
 * Reads both chains of a run. A step that follows a failure, or another execution, does not know where the chains
 * stand: facts come from evidence, never from remembered progress.
 */
export async function storyOf(evidence: Pick<EvidenceStore, 'read'>, runId: string): Promise<Story> {
  const [run, proof] = await Promise.all([evidence.read('RUN', runId), evidence.read('PROOF', runId)]);
  const head = run.reduce((_, item) => headAfter(item), GENESIS);
  const proofHead = proof.reduce((_, item) => headAfter(item), GENESIS);
  return {
    run: run.map((item) => parseRecord(item.body)),
    proof: proof.map((item) => parseRecord(item.body)),
    heads: { seq: head.seq, prev: head.prev, proofSeq: proofHead.seq, proofPrev: proofHead.prev },
  };
}

/** The newest record of a type, of one stage where given. */
export function newest<T extends EvidenceRecord['type']>(
  records: readonly EvidenceRecord[],
  type: T,
  stage?: string,
): RecordOf<T> | undefined {
  return records.findLast(
    (record): record is RecordOf<T> =>
      record.type === type && (stage === undefined || record.stage === stage),
  );
}

/** Whether a proving stage was passed. */
export function proven(story: Pick<Story, 'proof'>, stage: string): boolean {
  return newest(story.proof, 'Judged', stage)?.finding === 'proven';
}

/**
 * Where a stage that reads its heads itself goes on writing: at its own intent, when an earlier worker of it wrote that
 * last or brought it to its outcome, so that a repetition finds its own records; else at the end.
 */
export function headsFor(story: Pick<Story, 'run' | 'heads'>, stage: string): Story['heads'] {
  const own = newest(story.run, 'ChangeIntended', stage);
  const next = own && story.run.find((record) => record.seq === own.seq + 1);
  const resumable = own && (!next || (next.type === 'ChangeMade' && next.token === own.token));
  return resumable ? { ...story.heads, seq: own.seq, prev: own.prev } : story.heads;
}
