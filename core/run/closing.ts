import { levelOf, lowest, type Level } from '../verdict/level';
import { bulkOutcome } from '../bulk/closing';
import type { Census, Outcome, RecordOf, Statement } from '../evidence/record';
import { clockOf } from './clock';
import { madeIn, openedIn, refusalProof, type Facts } from './facts';
import { allDead, containmentsOf, unstartedReissue, type Containment } from './revoking';

type Judged = RecordOf<'Judged'>;
type Closed = Extract<Statement, { type: 'RunClosed' }>;

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
  const removed = madeIn(facts, 'Remove') !== undefined;
  const confirmed = isJudged(judged, 'ConfirmNew', pair.versionId);
  return confirmed && isJudged(judged, 'ProveOld', pair.supersededId) && removed;
}

function isJudged(judged: readonly Judged[], stage: string, versionId: string): boolean {
  return judged.some((proof) => proof.stage === stage && proof.versionId === versionId);
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
  const opened = openedIn(facts);
  return opened?.kind === 'bulk' ? bulkOutcome(opened, census, cause) : outcomeOf(facts, cause, owes);
}

/** The terminal record of a run; of a bulk run with what became of everybody it was asked for. */
export function closing(
  facts: Facts,
  cause: Cause | undefined,
  owes: readonly string[],
  census?: Census,
): Closed {
  const opened = openedIn(facts);
  const outcome = endingOf(facts, cause, owes, census);
  const ran = [...new Set([...facts.run, ...facts.proof].map((record) => record.stage))];
  return {
    type: 'RunClosed',
    outcome,
    ...levelsOf(facts, census),
    stagesRun: ran,
    skipped: [...skipped(opened?.stages ?? [], ran, cause), ...withoutReissue(facts, opened, cause)],
    causeCode: outcome === 'verified' ? null : (cause?.code ?? null),
    cause: outcome === 'verified' ? null : (cause?.sentence.slice(0, 1_000) ?? null),
    ...clockOf(facts),
    manualSteps: null,
    throttles: null,
    owes: [...owes],
    ...(census && { census }),
    proofHead: { seq: facts.heads.proofSeq, hash: facts.heads.proofPrev },
  };
}

type Credentials = Closed['credentials'];

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
