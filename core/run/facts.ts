import type { EvidenceRecord, RecordOf } from '../evidence/record';

/** What a run left behind, as its own two chains tell it. */
export interface Facts {
  readonly run: readonly EvidenceRecord[];
  readonly proof: readonly EvidenceRecord[];
  readonly heads: { readonly proofSeq: number; readonly proofPrev: string };
}

/** The first record of a run. */
export function openedIn({ run }: Pick<Facts, 'run'>): RecordOf<'RunOpened'> | undefined {
  return run.find((record): record is RecordOf<'RunOpened'> => record.type === 'RunOpened');
}

/** What a stage of a run did first. */
export function madeIn({ run }: Pick<Facts, 'run'>, stage: string): RecordOf<'ChangeMade'> | undefined {
  return run.find(
    (record): record is RecordOf<'ChangeMade'> => record.type === 'ChangeMade' && record.stage === stage,
  );
}

/** The proof a run's level rests on: the newest judgement of the credential that had to be refused. */
export function refusalProof(facts: Pick<Facts, 'proof'>): RecordOf<'Judged'> | undefined {
  return facts.proof.findLast(
    (record): record is RecordOf<'Judged'> => record.type === 'Judged' && record.claim !== 'accepted',
  );
}
