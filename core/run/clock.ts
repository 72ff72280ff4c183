import type { RecordOf, Statement } from '../evidence/record';
import { madeIn, openedIn, refusalProof, type Facts } from './facts';
import { containmentsOf, deadAt, timesOf, type Containment } from './revoking';

type Judged = RecordOf<'Judged'>;
type Closed = Extract<Statement, { type: 'RunClosed' }>;

/** What a run says of its times, its deadline and what failed meanwhile: all of it follows from the records before. */
export type Clock = Measures & Pick<Closed, 'requestedAt' | 'deadline'>;

/** The clock of a run, from its evidence alone. */
export function clockOf(facts: Facts): Clock {
  const opened = openedIn(facts);
  const contained = containmentsOf(facts);
  const proof = refusalProof(facts);
  const refusedAt = contained.length > 0 ? deadAt(contained) : provenAt(proof);
  const rotated = measures(facts, proof);
  // Members that follow a spread cost a verifier more than all that was worked out here; what is spread comes last.
  return {
    requestedAt: opened?.requestedAt ?? new Date(0).toISOString(),
    deadline: deadlineOf(opened?.deadline ?? null, refusedAt),
    ...(contained.length > 0 ? { ...rotated, ...revocationMeasures(facts, contained, opened) } : rotated),
  };
}

function revocationMeasures(
  facts: Facts,
  contained: readonly Containment[],
  opened: RecordOf<'RunOpened'> | undefined,
) {
  const times = timesOf(facts, contained);
  const dead = times.firstStableRefusalAt;
  return { ...times, exposureSeconds: opened && dead ? secondsBetween(opened.requestedAt, dead) : null };
}

type Measures = Pick<
  Closed,
  | 'exposureSeconds'
  | 'unavailableSeconds'
  | 'containedAt'
  | 'lastAcceptedAt'
  | 'firstStableRefusalAt'
  | 'sessionsZeroAt'
  | 'consumerFailures'
>;

function measures(facts: Facts, proof: Judged | undefined): Measures {
  const promotedAt = madeIn(facts, 'Promote')?.at;
  const retire = madeIn(facts, 'Retire');
  const mint = madeIn(facts, 'Mint');
  const refusedAt = proof?.firstStableRefusalAt ?? null;
  // Without a principal the stage found nothing to put back.
  const reinstated = facts.run.find(
    (record): record is RecordOf<'ChangeMade'> =>
      record.type === 'ChangeMade' && record.stage === 'Reinstate' && record.remoteId !== null,
  );
  const superseded = retire ?? reinstated;
  // A kind with one active value refuses the current label from apply until promote, or until the old value is put
  // back; with two it never does.
  const shared = mint !== undefined && superseded !== undefined && mint.remoteId === superseded.remoteId;
  const backAt = reinstated?.at ?? promotedAt;
  // After an undo the superseded one is the current one again: nothing was exposed.
  const exposed = promotedAt !== undefined && refusedAt !== null && reinstated === undefined;
  return {
    exposureSeconds: !exposed ? null : shared ? 0 : secondsBetween(promotedAt, refusedAt),
    unavailableSeconds:
      backAt === undefined || mint === undefined ? null : shared ? secondsBetween(mint.at, backAt) : 0,
    containedAt: (retire ?? madeIn(facts, 'Undo'))?.at ?? null,
    lastAcceptedAt: proof?.lastAcceptedAt ?? null,
    firstStableRefusalAt: refusedAt,
    sessionsZeroAt: proof?.sessionsZeroAt ?? null,
    consumerFailures: failedCalls(mint?.consumers ?? [], facts.proof),
  };
}

/** Calls that failed between the candidate's making and the last look at the consumers, over all that count them. */
function failedCalls(before: Judged['consumers'], proof: Facts['proof']): number | null {
  const after =
    proof.findLast((record): record is Judged => record.type === 'Judged' && record.stage === 'ConfirmNew')
      ?.consumers ?? [];
  const differences = after.flatMap(({ consumer, failedCalls: now }) => {
    const then = before.find((seen) => seen.consumer === consumer)?.failedCalls ?? null;
    return now === null || then === null ? [] : [Math.max(0, now - then)];
  });
  const sum = differences.reduce((total, calls) => total + calls, 0);
  // A consumer may say any number; a record must stay readable.
  return differences.length === 0 ? null : Math.min(sum, Number.MAX_SAFE_INTEGER);
}

function secondsBetween(from: string, to: string): number {
  return Math.max(0, Date.parse(to) - Date.parse(from)) / 1_000;
}

function deadlineOf(deadline: string | null, refusedAt: string | null): Closed['deadline'] {
  if (deadline === null) return 'none';
  if (refusedAt === null) return 'open';
  return refusedAt <= deadline ? 'kept' : 'broken';
}

/** A deadline is kept by the refusal of what was to be replaced; the refusal of an abandoned candidate says nothing. */
function provenAt(proof: Judged | undefined): string | null {
  return proof?.stage === 'ProveOld' ? proof.firstStableRefusalAt : null;
}
