import { levelOf, lowest, type Level } from '../verdict/level';
import { bulkOutcome } from '../bulk/closing';
import type { Census, EvidenceRecord, Outcome, RecordOf, Statement } from '../evidence/record';
import { allDead, containmentsOf, deadAt, timesOf, unstartedReissue, type Containment } from './revoking';

type Judged = RecordOf<'Judged'>;

/** What a run left behind, as its own two chains tell it. */
export interface Facts {
  readonly run: readonly EvidenceRecord[];
  readonly proof: readonly EvidenceRecord[];
  readonly heads: { readonly proofSeq: number; readonly proofPrev: string };
}

/** Why a run is being closed before it was verified: the failure's code, its category and its sentence. */
export interface Cause {
  readonly code: string;
  readonly category: 'refused' | 'fenced' | 'other';
  readonly sentence: string;
}

/**
 * How a run ended, from its evidence alone. `verified` needs the new credential confirmed, the old one proven refused,
 * nothing of it left to do, and no proof that is anything but proven; of a revocation, every credential it contained
 * proven dead.
 */
export function outcomeOf(facts: Facts, cause: Cause | undefined, owes: readonly string[]): Outcome {
  const judged = facts.proof.filter((record) => record.type === 'Judged');
  if (reachedItsEnd(facts, judged)) return 'verified';
  if (cause?.category === 'fenced') return 'fenced';
  if (cause?.code === 'NotApproved') return 'not-approved';
  const touched = facts.run.some((record) => record.type === 'ChangeIntended');
  // What could not even be begun stays owed all the same.
  if (!touched && owes.length === 0) return cause?.category === 'refused' ? 'refused' : 'aborted';
  if (judged.some((proof) => proof.stage === 'ProveRestored' && proof.finding === 'proven'))
    return 'rolled-back';
  if (owes.length > 0) return 'revoke-pending';
  return judged.some((proof) => proof.finding === 'inconclusive') ? 'inconclusive' : 'aborted';
}

function reachedItsEnd(facts: Facts, judged: readonly Judged[]): boolean {
  const contained = containmentsOf(facts);
  if (contained.length > 0) return allDead(facts, contained);
  return judged.every((proof) => proof.finding === 'proven') && finished(facts, judged);
}

/**
 * Confirmed, refused and removed, and each of it about the versions this run intended: a proof about another version
 * proves nothing here.
 */
function finished(facts: Facts, judged: readonly Judged[]): boolean {
  const pair = facts.run.findLast(
    (record): record is RecordOf<'ChangeIntended'> =>
      record.type === 'ChangeIntended' && ['Mint', 'Reassert'].includes(record.stage),
  );
  if (!pair || pair.versionId === null || pair.supersededId === null) return false;
  const passed = (stage: string, versionId: string | null) =>
    judged.some((proof) => proof.stage === stage && proof.versionId === versionId);
  const removed = facts.run.some((record) => record.type === 'ChangeMade' && record.stage === 'Remove');
  return passed('ConfirmNew', pair.versionId) && passed('ProveOld', pair.supersededId) && removed;
}

/** The proof a run's level rests on: the newest judgement of the credential that had to be refused. */
export function refusalProof(facts: Pick<Facts, 'proof'>): Judged | undefined {
  return facts.proof.findLast(
    (record): record is Judged => record.type === 'Judged' && record.claim !== 'accepted',
  );
}

function levelReached(facts: Facts, proof: Judged | undefined): Level {
  const changed = facts.run.some(
    (record) => record.type === 'ChangeMade' && ['Retire', 'Undo', 'Contain'].includes(record.stage),
  );
  const confirmed = facts.proof.findLast(
    (record): record is Judged => record.type === 'Judged' && record.stage === 'ConfirmNew',
  );
  const seen = proof?.consumers.length ? proof.consumers : (confirmed?.consumers ?? []);
  const refused = proof?.firstStableRefusalAt !== null && proof !== undefined;
  return levelOf({
    changed,
    readBack: proof?.claim === 'contained' && proof.finding === 'proven',
    refused,
    sessions: sessionsOf(proof),
    consumers: consumersOf(proof, seen),
  });
}

function sessionsOf(proof: Judged | undefined): 'zero' | 'none' | 'bounded' | 'remain' | 'unknown' {
  const sessions = proof?.sessions;
  if (!sessions || sessions.method === 'unknown') return 'unknown';
  if (sessions.method === 'none') return 'none';
  // Bounded counts only where the bound was proven: nobody knows how many there are otherwise.
  if (sessions.after === null) return sessions.method === 'counted' ? 'remain' : 'unknown';
  if (sessions.after > 0) return 'remain';
  return sessions.method === 'counted' ? 'zero' : 'bounded';
}

function consumersOf(
  proof: Judged | undefined,
  seen: Judged['consumers'],
): 'moved' | 'notListed' | 'behind' | 'unknown' {
  // After an undo the consumers were told to go back; nobody looked at them again.
  if (proof?.stage === 'ProveRestored') return 'unknown';
  if (seen.length === 0) return 'notListed';
  const settled = ['onNew', 'withoutAccess'];
  return seen.every(({ state }) => settled.includes(state)) ? 'moved' : 'behind';
}

/** The level a run reached, and that of each credential it was about; of a bulk run the lowest of everybody done. */
export function levelsOf(
  facts: Facts,
  census?: Census,
): Pick<RecordOf<'RunClosed'>, 'level' | 'credentials'> {
  const contained = containmentsOf(facts);
  const credentials =
    contained.length > 0 ? ofContained(facts, contained) : ofProof(facts, refusalProof(facts));
  const level = census?.level ?? lowest(credentials.map((credential) => credential.level));
  return { level, credentials };
}

/** How a run ends; a bulk run by what became of everybody it was asked for. */
export function endingOf(
  facts: Facts,
  cause: Cause | undefined,
  owes: readonly string[],
  census: Census | undefined,
): Outcome {
  const opened = facts.run.find((record): record is RecordOf<'RunOpened'> => record.type === 'RunOpened');
  return opened?.kind === 'bulk' ? bulkOutcome(opened, census, cause) : outcomeOf(facts, cause, owes);
}

/** The terminal record of a run; of a bulk run with what became of everybody it was asked for. */
export function closing(
  facts: Facts,
  cause: Cause | undefined,
  owes: readonly string[],
  census?: Census,
): Extract<Statement, { type: 'RunClosed' }> {
  const opened = facts.run.find((record): record is RecordOf<'RunOpened'> => record.type === 'RunOpened');
  const outcome = endingOf(facts, cause, owes, census);
  const contained = containmentsOf(facts);
  const proof = refusalProof(facts);
  const ran = [...new Set([...facts.run, ...facts.proof].map((record) => record.stage))];
  return {
    type: 'RunClosed',
    outcome,
    ...levelsOf(facts, census),
    stagesRun: ran,
    skipped: [...skipped(opened?.stages ?? [], ran, cause), ...withoutReissue(facts, opened, cause)],
    causeCode: outcome === 'verified' ? null : (cause?.code ?? null),
    cause: outcome === 'verified' ? null : (cause?.sentence.slice(0, 1_000) ?? null),
    ...measures(facts, proof),
    ...(contained.length > 0 && revocationMeasures(facts, contained, opened)),
    requestedAt: opened?.requestedAt ?? new Date(0).toISOString(),
    deadline: deadlineOf(
      opened?.deadline ?? null,
      contained.length > 0 ? deadAt(contained) : provenAt(proof),
    ),
    manualSteps: null,
    throttles: null,
    owes: [...owes],
    ...(census && { census }),
    proofHead: { seq: facts.heads.proofSeq, hash: facts.heads.proofPrev },
  };
}

type Credentials = Extract<Statement, { type: 'RunClosed' }>['credentials'];

function ofProof(facts: Facts, proof: Judged | undefined): Credentials {
  if (!proof?.versionId) return [];
  const { versionId } = proof;
  return [{ versionId, level: levelReached(facts, proof), probeable: probeable(proof) }];
}

function ofContained(facts: Facts, contained: readonly Containment[]): Credentials {
  return contained.map(({ versionId, proof }) => ({
    versionId,
    level: levelReached(facts, proof),
    probeable: probeable(proof),
  }));
}

function probeable(proof: Judged | undefined): 'yes' | 'unprobeable' {
  return proof?.claim === 'contained' ? 'unprobeable' : 'yes';
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

/** The stage that writes the record, a wait, and the start of a run of its own. */
const LEAVES_NO_RECORD: readonly string[] = ['Close', 'Overlap', 'Reissue'];

function skipped(intended: readonly string[], ran: readonly string[], cause: Cause | undefined) {
  const why = cause ? `not reached: ${cause.code}` : 'not recorded';
  return intended
    .filter((stage) => !LEAVES_NO_RECORD.includes(stage) && !ran.includes(stage))
    .map((stage) => ({ stage, why }));
}

/** A reissue leaves no record where it was started; it is a run of its own. */
function withoutReissue({ run }: Facts, opened: RecordOf<'RunOpened'> | undefined, cause: Cause | undefined) {
  const unstarted = unstartedReissue(run);
  if (unstarted !== undefined) return [{ stage: 'Reissue', why: unstarted }];
  return cause && opened?.stages.includes('Reissue')
    ? [{ stage: 'Reissue', why: `not reached: ${cause.code}` }]
    : [];
}

type Measures = Pick<
  Extract<Statement, { type: 'RunClosed' }>,
  | 'exposureSeconds'
  | 'unavailableSeconds'
  | 'containedAt'
  | 'lastAcceptedAt'
  | 'firstStableRefusalAt'
  | 'sessionsZeroAt'
  | 'consumerFailures'
>;

function measures(facts: Facts, proof: Judged | undefined): Measures {
  const made = (stage: string) =>
    facts.run.find(
      (record): record is RecordOf<'ChangeMade'> => record.type === 'ChangeMade' && record.stage === stage,
    );
  const promotedAt = made('Promote')?.at;
  const retired = made('Retire') ?? made('Undo');
  const mint = made('Mint');
  const refusedAt = proof?.firstStableRefusalAt ?? null;
  // Without a principal the stage found nothing to put back.
  const reinstated = facts.run.find(
    (record): record is RecordOf<'ChangeMade'> =>
      record.type === 'ChangeMade' && record.stage === 'Reinstate' && record.remoteId !== null,
  );
  const superseded = made('Retire') ?? reinstated;
  // A kind with one active value refuses the current label from apply until promote, or until the old value is put
  // back; with two it never does.
  const shared = mint !== undefined && superseded !== undefined && mint.remoteId === superseded.remoteId;
  const backAt = reinstated?.at ?? promotedAt;
  // After an undo the superseded one is the current one again: nothing was exposed.
  const exposure =
    promotedAt === undefined || refusedAt === null || reinstated !== undefined
      ? null
      : secondsBetween(promotedAt, refusedAt);
  return {
    exposureSeconds: shared && exposure !== null ? 0 : exposure,
    unavailableSeconds:
      backAt === undefined || mint === undefined ? null : shared ? secondsBetween(mint.at, backAt) : 0,
    containedAt: retired?.at ?? null,
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

function deadlineOf(
  deadline: string | null,
  refusedAt: string | null,
): Extract<Statement, { type: 'RunClosed' }>['deadline'] {
  if (deadline === null) return 'none';
  if (refusedAt === null) return 'open';
  return refusedAt <= deadline ? 'kept' : 'broken';
}

/** A deadline is kept by the refusal of what was to be replaced; the refusal of an abandoned candidate says nothing. */
function provenAt(proof: Judged | undefined): string | null {
  return proof?.stage === 'ProveOld' ? proof.firstStableRefusalAt : null;
}
