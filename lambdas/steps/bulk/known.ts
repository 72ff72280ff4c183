import type { Known } from '../../../core/bulk/selection';
import type { IdentityRow, RunSummary } from '../../../core/ports/registry';
import { shownBy } from './shown';
import type { BulkPorts } from './state';

/** So many reads at once: a bulk revocation shares the registry with the runs it started. */
const READS_AT_ONCE = 32;

/** Policies and rows of the deployment. */
export async function knownTo(deps: Pick<BulkPorts, 'policies' | 'registry'>): Promise<Known> {
  const [{ policies }, rows] = await Promise.all([deps.policies.document(), deps.registry.identities()]);
  return { policies: policies.map(({ policy }) => policy), rows };
}

/**
 * The run by which an identity is revoked, if that is proven: nothing of it is owed a refusal any more, no revocation is
 * at work on it, and records show that it was seen dead.
 */
export async function revokedBy(
  deps: Pick<BulkPorts, 'registry' | 'evidence'>,
  row: IdentityRow | undefined,
): Promise<string | undefined> {
  if (row?.revoked === undefined || row.lease?.kind === 'revocation') return undefined;
  const owed = await deps.registry.obligationsOf(row.id);
  if (owed.some(({ by, type }) => by === 'revocation' && type === 'refusal')) return undefined;
  const { id: identityId } = row;
  const { runId } = row.revoked;
  const own = await shownBy(deps, { runId, identityId, as: 'revocation' });
  if (own.state === 'shown') return runId;
  const paidBy = await paid(deps, identityId, runId);
  if (!paidBy) return undefined;
  const later = await shownBy(deps, { runId: paidBy.runId, identityId, as: { paying: runId } });
  return later.state === 'shown' ? runId : undefined;
}

/** A run of Settle, verified by its row, about a revocation that closed with something owed. */
export async function paid(
  { registry }: Pick<BulkPorts, 'registry'>,
  identityId: string,
  revocation: string,
): Promise<RunSummary | undefined> {
  const runs = await registry.runs({ identityId, limit: 20 });
  return runs.find(
    ({ about, kind, outcome }) => about === revocation && kind === 'settle' && outcome === 'verified',
  );
}

/** Ids of those that are revoked, and proven so. */
export async function provenAmong(
  deps: Pick<BulkPorts, 'registry' | 'evidence'>,
  rows: readonly (IdentityRow | undefined)[],
): Promise<ReadonlySet<string>> {
  const found = await eachOf(rows, async (row) =>
    (await revokedBy(deps, row)) === undefined ? [] : [row?.id],
  );
  return new Set(found.flat().filter((id) => id !== undefined));
}

/** Works on many things, a bounded number at once, and answers in their order. */
export async function eachOf<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += READS_AT_ONCE)
    results.push(...(await Promise.all(items.slice(from, from + READS_AT_ONCE).map(work))));
  return results;
}
