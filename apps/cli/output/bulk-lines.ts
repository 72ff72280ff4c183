import type { BulkPlan } from '../../../core/bulk/plan';
import type { BulkCensus } from '../watch/bulk-census';
import { table } from './table';

/** What would die, what stays and why, and what depends on those that die. */
export function planLines({ asked, dies, leaves, dependents, approval }: BulkPlan): readonly string[] {
  const doomed = dies.map(({ identityId, kind, owner, versions }) => [
    identityId,
    kind,
    owner,
    `${versions.length} versions`,
  ]);
  const kept = leaves.map(({ identityId, why }) => [identityId, why]);
  const needed = dependents.map(({ consumer, identityIds }) => [consumer, `uses ${identityIds.join(', ')}`]);
  return [
    `${asked} identities are meant; approval: ${approval}`,
    ...block('to be revoked', [['identity', 'kind', 'owner', 'credentials'], ...doomed], doomed.length),
    ...block('left as they are', kept, kept.length),
    ...block('depend on them', needed, needed.length),
  ];
}

/** The counts, and each revocation with its run. */
export function censusLines({ census, outcome, runs }: BulkCensus): readonly string[] {
  const rows = runs.map(({ identityId, outcome: end, level, runId }) => [
    identityId,
    end,
    level ?? '-',
    runId,
  ]);
  const counts =
    census === null
      ? 'nobody was counted'
      : `asked ${census.asked}: done ${census.done}, failed ${census.failed}, skipped ${census.skipped}, unknown ${census.unknown}`;
  return [
    ...block('revocations', [['identity', 'outcome', 'level', 'run'], ...rows], rows.length),
    `${outcome}${census === null ? '' : ` at ${census.level}`}: ${counts}`,
  ];
}

function block(title: string, rows: readonly (readonly string[])[], count: number): readonly string[] {
  return count === 0 ? [] : ['', `${title}:`, ...table(rows).map((line) => `  ${line}`)];
}
