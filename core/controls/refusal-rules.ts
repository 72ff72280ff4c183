import type { RecordOf } from '../evidence/record';
import { everyProven, type RunFacts, type Shown } from './shown';

/** The old credential: presented and refused, or retired, owed and not shown to be. */
export function refused({ run, proof }: RunFacts): Shown | undefined {
  const breached = run.find((record) => record.type === 'Breached');
  if (breached) {
    const because = `${breached.obligation} was due at ${breached.deadline} and is not proven`;
    return { result: 'not-satisfied', because, records: [breached] };
  }
  const judged = ofOld(proof);
  const retired = run.find(({ type, stage }) => type === 'ChangeIntended' && stage === 'Retire');
  if (judged.length > 0 || !retired) return everyProven(judged);
  return {
    result: 'not-satisfied',
    because: 'the old credential was to be made unusable and was not presented afterwards',
    records: [retired],
  };
}

/** Open sessions of the old credential, as the newest proof of its refusal counted them. */
export function sessionsEnded({ proof }: RunFacts): Shown | undefined {
  const judged = ofOld(proof).findLast(({ sessions }) => sessions !== null);
  const sessions = judged?.sessions;
  if (!judged || !sessions) return undefined;
  const { method, after, countedBy } = sessions;
  const records = [judged];
  switch (method) {
    case 'counted':
      return {
        result: after === 0 ? 'satisfied' : 'not-satisfied',
        because: `${after ?? 'an unknown number of'} sessions left, counted by ${countedBy}`,
        records,
      };
    case 'none':
      return { result: 'satisfied', because: 'this kind of credential opens no session', records };
    case 'bounded':
      return { result: 'satisfied', because: 'sessions are denied or past their last expiry', records };
    case 'unknown':
      return { result: 'not-satisfied', because: 'nobody could count the sessions', records };
    default:
      return method satisfies never;
  }
}

function ofOld(proof: RunFacts['proof']): readonly RecordOf<'Judged'>[] {
  return proof
    .filter((record) => record.type === 'Judged')
    .filter(({ claim, stage }) => claim === 'refused' && stage !== 'ProveRestored');
}
