import type { VersionRow } from '../credential';
import { notStarted } from './list';
import type { Candidate } from './selection';

/** What a bulk revocation would do, and to whom. Making one changes nothing. */
export interface BulkPlan {
  readonly asked: number;
  /** Identities that would be revoked, with the versions the registry knows of; Contain finds the others. */
  readonly dies: readonly {
    readonly identityId: string;
    readonly kind: string;
    readonly owner: string;
    readonly versions: readonly Pick<VersionRow, 'versionId' | 'stage'>[];
  }[];
  /** Identities for which nothing would be started, and why. */
  readonly leaves: readonly { readonly identityId: string; readonly why: string }[];
  /** Consumers that would be without access, and of whose credentials. */
  readonly dependents: readonly { readonly consumer: string; readonly identityIds: readonly string[] }[];
  readonly approval: 'required' | 'never';
}

/** What a deployment allows without asking a second person. */
export interface BulkLimits {
  /** An approval is always needed for more identities than this. */
  readonly approvalAbove: number;
  /** Revocations at once, at most. */
  readonly atOnce: number;
}

/** Lists what would die and what depends on it. `proven` are revoked, and proven so, already. */
export function planBulk(
  candidates: readonly Candidate[],
  proven: ReadonlySet<string>,
  limits: Pick<BulkLimits, 'approvalAbove'>,
): BulkPlan {
  const told = candidates.map((candidate) => ({ candidate, why: notStarted(candidate, proven) }));
  const doomed = told.filter(({ why }) => why === null).map(({ candidate }) => candidate);
  return {
    asked: candidates.length,
    dies: doomed.map(({ identityId, policy, row }) => ({
      identityId,
      kind: policy?.kind ?? '',
      owner: policy?.owner ?? '',
      versions: (row?.versions ?? []).map(({ versionId, stage }) => ({ versionId, stage })),
    })),
    leaves: told.flatMap(({ candidate, why }) =>
      why === null ? [] : [{ identityId: candidate.identityId, why }],
    ),
    dependents: dependentsOf(doomed),
    approval: approvalOf(candidates, limits),
  };
}

/** Whether a second person has to agree: above the limit always, below it where a policy asks for it. */
export function approvalOf(
  candidates: readonly Candidate[],
  { approvalAbove }: Pick<BulkLimits, 'approvalAbove'>,
): 'required' | 'never' {
  if (candidates.length > approvalAbove) return 'required';
  const asks = candidates.some(({ policy }) => policy?.approval.revocation === 'required');
  return asks ? 'required' : 'never';
}

function dependentsOf(candidates: readonly Candidate[]): BulkPlan['dependents'] {
  const byConsumer = new Map<string, string[]>();
  for (const { identityId, policy } of candidates)
    for (const { id } of policy?.consumers ?? [])
      byConsumer.set(id, [...(byConsumer.get(id) ?? []), identityId]);
  return [...byConsumer]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([consumer, identityIds]) => ({ consumer, identityIds }));
}
