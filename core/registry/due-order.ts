import type { IdentityRow, Obligation } from '../ports/registry';

/** Identities whose time has come, oldest first. `now` is ISO 8601 UTC. */
export function dueIdentities(
  rows: readonly IdentityRow[],
  now: string,
  limit: number,
): readonly IdentityRow[] {
  return rows
    .flatMap((row) => (row.dueAt !== undefined && row.dueAt <= now ? [{ row, at: row.dueAt }] : []))
    .toSorted((a, b) => compare(a.at, b.at) || compare(a.row.id, b.row.id))
    .slice(0, limit)
    .map(({ row }) => row);
}

/** Obligations by their next attempt, oldest first; up to `now` (ISO 8601 UTC) or all of them. */
export function owedInOrder(
  obligations: readonly Obligation[],
  now: string | undefined,
  limit: number,
): readonly Obligation[] {
  return obligations
    .filter((obligation) => now === undefined || obligation.nextAttemptAt <= now)
    .toSorted((a, b) => compare(a.nextAttemptAt, b.nextAttemptAt) || compare(nameOf(a), nameOf(b)))
    .slice(0, limit);
}

/** Whether an obligation takes the place of one that is open for the same version. */
export function outweighs(next: Pick<Obligation, 'by'>, there: Pick<Obligation, 'by'>): boolean {
  return next.by === 'revocation' && there.by === 'rotation';
}

/** An obligation after an attempt that did not pay it, and what that attempt found out about its refusal. */
export function postponed(
  { refusedIn: _earlier, ...there }: Obligation,
  { refusedIn }: Pick<Obligation, 'refusedIn'>,
  nextAttemptAt: string,
): Obligation {
  const dated = refusedIn === undefined ? {} : { refusedIn };
  return { ...there, nextAttemptAt, attempts: there.attempts + 1, ...dated };
}

/** What tells obligations apart: one of a type for each version of an identity. */
export function nameOf(obligation: Pick<Obligation, 'identityId' | 'versionId' | 'type'>): string {
  return `${obligation.identityId}#${obligation.type}#${obligation.versionId}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
