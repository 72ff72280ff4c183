import type { Debts, Identities, IdentityRow, Obligation } from '../../../core/ports/registry';
import type { Deps, Using } from '../deps';
import { nameOf } from './name';

/** Only a person can look at a broken glass. */
type Payable = Obligation & { readonly type: 'refusal' | 'removal' };

/** What a run of its own is to pay: all that a revocation demands, or one obligation. */
export interface Payment {
  readonly owed: Payable;
  /** The revocation that demands it, by containing everything again; undefined for what is paid by itself. */
  readonly demandedBy: string | undefined;
}

/** Who has to pay what is due, and can be paid now. All that one revocation left is paid by one run. */
export async function payments(
  { registry }: Using<Debts & Identities>,
  due: readonly Obligation[],
): Promise<readonly Payment[]> {
  const owed = due.filter((each): each is Payable => each.type !== 'review');
  const rows = await rowsOf(registry, owed);
  const revocations = new Set<string>();
  return owed.flatMap((each): readonly Payment[] => {
    const row = rows.get(each.identityId);
    // The run that holds the identity pays or postpones what is owed; it must not be raced.
    if (row?.lease) return [];
    // Nothing of a revoked identity is in force, so nothing can stand beside what a rotation still owes: the revocation
    // demands it from here on. What is left to remove waits for a reissue.
    if (row?.revoked && each.by === 'rotation' && each.type === 'removal') return [];
    const demandedBy = demanding(each, row);
    if (demandedBy === undefined) return [{ owed: each, demandedBy }];
    const name = nameOf(each.identityId, demandedBy);
    if (revocations.has(name)) return [];
    revocations.add(name);
    return [{ owed: each, demandedBy }];
  });
}

/** A revocation demands nothing more of an identity that was reissued: what it left to remove is removed like any other. */
function demanding({ by, type, runId }: Obligation, row: IdentityRow | undefined): string | undefined {
  if (by === 'rotation') return row?.revoked?.runId;
  return type === 'removal' && row !== undefined && row.revoked === undefined ? undefined : runId;
}

/** So many reads at once. */
const AT_ONCE = 32;

async function rowsOf(
  registry: Pick<Deps['registry'], 'identity'>,
  owed: readonly Obligation[],
): Promise<ReadonlyMap<string, IdentityRow>> {
  const ids = [...new Set(owed.map(({ identityId }) => identityId))];
  const rows = new Map<string, IdentityRow>();
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const batch = await Promise.all(ids.slice(from, from + AT_ONCE).map((id) => registry.identity(id)));
    for (const row of batch) if (row) rows.set(row.id, row);
  }
  return rows;
}
