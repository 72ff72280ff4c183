import type { RecordOf, SessionsCounted } from '../evidence/record';
import { everyProven, type RunFacts, type Shown } from './shown';

/** The old credential: presented and refused, or made unusable, owed and not shown to be. */
export function refused({ run, proof }: RunFacts): Shown | undefined {
  const breached = run.find((record) => record.type === 'Breached');
  if (breached) {
    const because = `${breached.obligation} was due at ${breached.deadline} and is not proven`;
    return { result: 'not-satisfied', because, records: [breached] };
  }
  const newest = newestOfEach(proof);
  const unpresented = run.find(
    (record) =>
      record.type === 'ChangeIntended' &&
      ['Retire', 'Contain'].includes(record.stage) &&
      !newest.some(({ claim, versionId }) => claim === 'refused' && versionId === record.versionId),
  );
  // A credential that nobody holds can be read back as contained; that is less than seen refused.
  if (!unpresented) return everyProven(newest.filter(({ claim }) => claim === 'refused'));
  return {
    result: 'not-satisfied',
    because: 'a credential was to be made unusable and was not presented afterwards',
    records: [unpresented],
  };
}

/** Open sessions of the old credentials, as the newest proof of each counted them. */
export function sessionsEnded({ proof }: RunFacts): Shown | undefined {
  const counted = newestOfEach(proof).flatMap((judged) =>
    judged.sessions ? [sessionsOf(judged, judged.sessions)] : [],
  );
  return counted.find(({ result }) => result === 'not-satisfied') ?? counted.at(-1);
}

function sessionsOf(judged: RecordOf<'Judged'>, { method, after, countedBy }: SessionsCounted): Shown {
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

/** The newest proof of each credential that was to be dead; a candidate that was undone is none of them. */
function newestOfEach(proof: RunFacts['proof']): readonly RecordOf<'Judged'>[] {
  const judged = proof
    .filter((record) => record.type === 'Judged')
    .filter(({ claim, stage }) => claim !== 'accepted' && stage !== 'ProveRestored');
  return [...new Map(judged.map((record) => [record.versionId, record])).values()];
}
