import type { EvidenceRecord, RecordOf, SessionsCounted } from '../../../core/evidence/record';
import { containmentsOf, deadAt, type Containment } from '../../../core/run/revoking';
import { answerOf, factsOf, type Answer } from './proof';

/** Both chains of a run, parsed. */
export interface Chains {
  readonly run: readonly EvidenceRecord[];
  readonly proof: readonly EvidenceRecord[];
}

/** A credential that a revocation was about, as far as the records tell. */
export interface ToldCredential {
  readonly versionId: string;
  /** What the target calls it; null while nobody has found out. */
  readonly remoteId: string | null;
  /** Null until it was presented. */
  readonly answer: Answer | null;
  readonly finding: 'proven' | 'disproven' | 'inconclusive' | null;
  readonly facts: string;
  readonly cause: string | null;
  readonly sessions: CountedSessions;
  /** What is still to be removed at the target, in words; null when nothing is. */
  readonly left: string | null;
}

/** Sessions before it was contained and when it was proven; null where nobody could count. */
export interface CountedSessions {
  readonly before: number | null;
  readonly after: number | null;
}

/** The clock of a revocation. Times are engine time, ISO 8601; null is not known, or not yet. */
export interface RevocationFacts {
  readonly deadline: {
    readonly withinSeconds: number | null;
    readonly tookSeconds: number | null;
    /** Null while nothing is proven and the deadline has not passed. */
    readonly kept: boolean | null;
  };
  readonly sessions: CountedSessions;
  readonly requestedAt: string | null;
  readonly containedAt: string | null;
  readonly lastAcceptedAt: string | null;
  readonly firstRefusedAt: string | null;
  readonly sessionsZeroAt: string | null;
  readonly credentials: readonly ToldCredential[];
}

/** What the chains of a revocation say, whether it has ended or not. */
export function revocationOf(chains: Chains): RevocationFacts {
  const opened = chains.run.find((record) => record.type === 'RunOpened');
  const closed = chains.run.find((record) => record.type === 'RunClosed');
  const contained = containmentsOf(chains);
  const dead = contained.length === 0 ? null : deadAt(contained);
  const from = opened?.requestedAt ?? null;
  return {
    deadline: {
      withinSeconds: secondsBetween(from, opened?.deadline ?? null),
      tookSeconds: secondsBetween(from, dead),
      kept: keptOf(closed),
    },
    sessions: total(chains, contained),
    requestedAt: from,
    containedAt: closed?.containedAt ?? null,
    lastAcceptedAt: closed?.lastAcceptedAt ?? null,
    firstRefusedAt: closed?.firstStableRefusalAt ?? null,
    sessionsZeroAt: closed?.sessionsZeroAt ?? null,
    credentials: contained.map((each) => told(chains, each)),
  };
}

function keptOf(closed: RecordOf<'RunClosed'> | undefined): boolean | null {
  if (closed?.deadline === 'kept') return true;
  return closed?.deadline === 'broken' ? false : null;
}

function told(chains: Chains, { versionId, remoteId, proof }: Containment): ToldCredential {
  const removal = chains.run.findLast(
    (record) => record.type === 'ChangeMade' && record.stage === 'Remove' && record.versionId === versionId,
  );
  return {
    versionId,
    remoteId,
    answer: proof ? answerOf(proof) : null,
    finding: proof?.finding ?? null,
    facts: proof ? factsOf(proof) : '',
    cause: proof?.cause ?? null,
    sessions: { before: countedBefore(chains, versionId), after: proof?.sessions?.after ?? null },
    left: removal?.type === 'ChangeMade' && removal.effect === 'deferred' ? removal.detail : null,
  };
}

/** The first count of a version: when it is contained again, most of its sessions are gone. */
function countedBefore({ run }: Chains, versionId: string): number | null {
  const counts = run.flatMap((record): readonly SessionsCounted[] =>
    record.type === 'ChangeMade' && record.stage === 'Contain' && record.versionId === versionId
      ? ((record.sessions && [record.sessions]) ?? [])
      : [],
  );
  return counts[0]?.before ?? null;
}

/** Versions of one principal share its sessions, so these are counted by principal. */
function total(chains: Chains, contained: readonly Containment[]): CountedSessions {
  const each = contained.map((containment) => told(chains, containment));
  const principals = [...new Map(each.map((one) => [one.remoteId ?? one.versionId, one])).values()];
  return {
    before: sum(principals.map(({ sessions }) => sessions.before)),
    after: sum(principals.map(({ sessions }) => sessions.after)),
  };
}

function sum(counts: readonly (number | null)[]): number | null {
  const known = counts.filter((count) => count !== null);
  return known.length === 0 || known.length < counts.length
    ? null
    : known.reduce((one, other) => one + other, 0);
}

function secondsBetween(from: string | null, to: string | null): number | null {
  return from === null || to === null ? null : Math.max(0, Date.parse(to) - Date.parse(from)) / 1_000;
}
