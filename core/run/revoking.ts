import type { EvidenceRecord, RecordOf, Statement } from '../evidence/record';

type Judged = RecordOf<'Judged'>;

/** A credential that a run set out to contain, what the target calls it, and the newest proof about it. */
export interface Containment {
  readonly versionId: string;
  readonly remoteId: string | null;
  /** `leftAlone`: the secret names it, and the connector says that it is none of the identity's. */
  readonly touched: 'yes' | 'leftAlone';
  readonly proof: Judged | undefined;
}

/** What a run that could not start the reissue it was asked for says it wanted to do. */
export const START_REISSUE = 'startReissue';

/** Why the reissue that was asked for was not started, as the run's own records say it; undefined when nothing is amiss. */
export function unstartedReissue(run: readonly EvidenceRecord[]): string | undefined {
  const intent = run.findLast(
    (record) => record.type === 'ChangeIntended' && record.change === START_REISSUE,
  );
  if (!intent) return undefined;
  const made = run.findLast((record) => record.type === 'ChangeMade' && record.token === intent.token);
  return (made?.type === 'ChangeMade' ? made.detail : null) ?? 'whether it was started is not known';
}

interface Chains {
  readonly run: readonly EvidenceRecord[];
  readonly proof: readonly EvidenceRecord[];
}

/** How a credential that was listed at the target, and whose material nobody holds, is named in records. */
export function listedId(remoteId: string): string {
  return `listed:${remoteId}`;
}

/**
 * Stands where a version's id stands, in what is owed of an identity of which no version is known: that its target be
 * listed. No vault has a version of this id.
 */
export const UNLISTED = 'unlisted';

/** What the target calls a credential that is named by `listedId`; undefined for versions of the vault. */
export function remoteIdOfListed(versionId: string): string | undefined {
  return versionId.startsWith('listed:') ? versionId.slice('listed:'.length) : undefined;
}

/** Every credential a run intended to contain, each once; none for runs that contain nothing. */
export function containmentsOf({ run, proof }: Chains): readonly Containment[] {
  const intents = run.filter((record) => record.type === 'ChangeIntended' && record.stage === 'Contain');
  const ids = intents.flatMap((record) => ('versionId' in record ? (record.versionId ?? []) : []));
  return [...new Set(ids)].map((versionId) => ({
    versionId,
    remoteId: containedIn(run, versionId)?.remoteId ?? null,
    touched: containedIn(run, versionId)?.effect === 'notApplicable' ? 'leftAlone' : 'yes',
    proof: proof.findLast(
      (record): record is Judged =>
        record.type === 'Judged' && record.stage === 'ProveRefused' && record.versionId === versionId,
    ),
  }));
}

function containedIn(run: Chains['run'], versionId: string): RecordOf<'ChangeMade'> | undefined {
  return run.findLast(
    (record): record is RecordOf<'ChangeMade'> =>
      record.type === 'ChangeMade' && record.stage === 'Contain' && record.versionId === versionId,
  );
}

/** What was found last of each credential, also of those that turned up after the others were contained. */
function newestProofs({ proof }: Chains): readonly Judged[] {
  const newest = new Map<string | null, Judged>();
  for (const record of proof)
    if (record.type === 'Judged' && record.stage === 'ProveRefused') newest.set(record.versionId, record);
  return [...newest.values()];
}

/**
 * Whether each of them is proven dead, its removal was looked at, none that turned up later is alive, and no probe of the
 * run was left inconclusive.
 */
export function allDead(chains: Chains, contained: readonly Containment[]): boolean {
  const open = chains.proof.some((record) => record.type === 'Judged' && record.finding === 'inconclusive');
  const alive = newestProofs(chains).some(({ finding }) => finding !== 'proven');
  const removed = chains.run.some((record) => record.type === 'ChangeMade' && record.stage === 'Remove');
  return removed && !open && !alive && contained.every(({ proof }) => proof?.finding === 'proven');
}

type Times = Pick<
  Extract<Statement, { type: 'RunClosed' }>,
  'containedAt' | 'lastAcceptedAt' | 'firstStableRefusalAt' | 'sessionsZeroAt'
>;

/** The clock of a revocation; a time is known once it is known of every credential. */
export function timesOf({ run, proof }: Chains, contained: readonly Containment[]): Times {
  const made = run.filter((record) => record.type === 'ChangeMade' && record.stage === 'Contain');
  const proofs = contained.map((each) => each.proof);
  const presented = proofs.filter((each) => each?.claim !== 'contained');
  const accepted = proof.flatMap((record) =>
    record.type === 'Judged' && record.lastAcceptedAt !== null ? [record.lastAcceptedAt] : [],
  );
  return {
    containedAt: latest(made.map((record) => record.at)),
    lastAcceptedAt: latest(accepted),
    firstStableRefusalAt: latestOfAll(presented.map((each) => each?.firstStableRefusalAt)),
    sessionsZeroAt: latestOfAll(proofs.map((each) => each?.sessionsZeroAt)),
  };
}

/** When the last of them was known to be dead, sessions and all; null while one is not. */
export function deadAt(contained: readonly Containment[]): string | null {
  return latestOfAll(
    contained.map(({ proof }) => {
      if (proof?.finding !== 'proven') return null;
      return (
        latest([proof.firstStableRefusalAt, proof.sessionsZeroAt].filter((at) => at !== null)) ?? proof.at
      );
    }),
  );
}

function latest(times: readonly string[]): string | null {
  return times.toSorted().at(-1) ?? null;
}

function latestOfAll(times: readonly (string | null | undefined)[]): string | null {
  const known = times.filter((at) => at !== null && at !== undefined);
  return known.length === times.length ? latest(known) : null;
}
