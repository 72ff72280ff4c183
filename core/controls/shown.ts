import type { EvidenceRecord, RecordOf } from '../evidence/record';

/** Both chains of a run; of PROOF what the run's terminal record counts. */
export interface RunFacts {
  readonly run: readonly EvidenceRecord[];
  readonly proof: readonly EvidenceRecord[];
  /** `undefined` when every hash and link holds, else what does not. */
  readonly broken: string | undefined;
}

/** What a run shows of an action. Not satisfied as soon as anything of it is unproven: inconclusive is never green. */
export interface Shown {
  readonly result: 'satisfied' | 'not-satisfied';
  readonly because: string;
  /** The records it was read from. */
  readonly records: readonly EvidenceRecord[];
}

/** Reads one action off a run; undefined when the run says nothing of it. */
export type Rule = (facts: RunFacts) => Shown | undefined;

/** Satisfied when all of these are proven; undefined when there is none. */
export function everyProven(judged: readonly RecordOf<'Judged'>[]): Shown | undefined {
  const last = judged.at(-1);
  if (!last) return undefined;
  const bad = judged.find(({ finding }) => finding !== 'proven');
  const said = bad ?? last;
  const because = `${said.stage}: ${said.claim} is ${said.finding}${said.cause === null ? '' : ` (${said.cause})`}`;
  return { result: bad ? 'not-satisfied' : 'satisfied', because, records: judged };
}
