import type { Policy } from '../policy/schema';
import type { IdentityRow } from '../ports/registry';
import { refused, type Select } from './request';

/** An identity as a bulk revocation finds it: by its policy, its row in the registry, or both. */
export interface Candidate {
  readonly identityId: string;
  readonly policy: Policy | undefined;
  readonly row: IdentityRow | undefined;
}

/** What the deployment knows. */
export interface Known {
  readonly policies: readonly Policy[];
  readonly rows: readonly IdentityRow[];
}

const MOST_NAMED = 5;

/**
 * Everybody a selection means, by id. An identity whose policy was taken away is still meant by its owner and kind:
 * its credentials may be alive, and leaving it out would make the count look complete.
 * @throws Failure InvalidInput when it means nobody, or an id that nobody has; nothing is left out silently
 */
export function selected(select: Select, known: Known): readonly Candidate[] {
  const all = candidates(known);
  switch (select.by) {
    case 'owner':
    case 'tag':
    case 'kind':
      return someOf(select, all);
    case 'ids':
    case 'incident':
      return listedOf(select.ids, all);
    default:
      return select satisfies never;
  }
}

function candidates({ policies, rows }: Known): readonly Candidate[] {
  const byId = new Map(policies.map((policy) => [policy.id, policy]));
  const rowById = new Map(rows.map((row) => [row.id, row]));
  return [...new Set([...byId.keys(), ...rowById.keys()])]
    .toSorted()
    .map((identityId) => ({ identityId, policy: byId.get(identityId), row: rowById.get(identityId) }));
}

function someOf(
  { by, value }: { readonly by: 'owner' | 'tag' | 'kind'; readonly value: string },
  all: readonly Candidate[],
): readonly Candidate[] {
  const found = all.filter((candidate) => labelsOf(candidate, by).includes(value));
  if (found.length > 0) return found;
  const there = [...new Set(all.flatMap((candidate) => labelsOf(candidate, by)))].toSorted();
  const named = there.slice(0, MOST_NAMED).join(', ') || 'none';
  const more = there.length > MOST_NAMED ? ` and ${there.length - MOST_NAMED} more` : '';
  throw refused(`select.${by}: no identity has ${by} ${JSON.stringify(value)}; there are: ${named}${more}`);
}

function labelsOf({ policy, row }: Candidate, by: 'owner' | 'tag' | 'kind'): readonly string[] {
  switch (by) {
    case 'owner':
      return [policy?.owner ?? row?.owner ?? ''];
    case 'kind':
      return [policy?.kind ?? row?.kind ?? ''];
    case 'tag':
      return [...(policy?.tags ?? []), ...(policy?.controls ?? [])];
    default:
      return by satisfies never;
  }
}

function listedOf(ids: readonly string[], all: readonly Candidate[]): readonly Candidate[] {
  const byId = new Map(all.map((candidate) => [candidate.identityId, candidate]));
  const missing = ids.filter((id) => !byId.has(id));
  if (missing.length > 0) {
    const named = missing.slice(0, MOST_NAMED).join(', ');
    throw refused(`select.ids: ${missing.length} of ${ids.length} ids are no identities here: ${named}`);
  }
  return ids.toSorted().flatMap((id) => byId.get(id) ?? []);
}
