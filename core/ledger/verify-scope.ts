import type { Scope } from './bundle';
import { leafListKey, parseLeafLine, readListText, type ListText } from './leaf-list';
import { broken, type LedgerSource, type Wanted } from './verify-source';

/** The list of the leaves from one size to the next. @throws Broken when it is missing or none */
export async function listOf(source: Pick<LedgerSource, 'get'>, from: number, to: number): Promise<ListText> {
  const key = leafListKey(from);
  const bytes = await source.get(key);
  if (bytes === undefined) return broken(key, `the leaves from ${from} to ${to}`, 'nothing');
  const list = readListText(bytes);
  if (!list) return broken(key, 'a leaf list of version 1', 'something that is none');
  if (list.from !== from) broken(key, `leaves from ${from} on`, `leaves from ${list.from} on`);
  return list;
}

/** Which runs of a ledger a scope means. The lists it is read from are checked against signed hashes later. */
export async function wantedRuns(
  source: Pick<LedgerSource, 'get'>,
  sizes: readonly number[],
  scope: Scope,
): Promise<Wanted> {
  switch (scope.kind) {
    case 'ledger':
      return 'all';
    case 'run':
      return new Set([scope.runId]);
    case 'period':
      return runsIn(source, sizes, scope);
    default:
      return scope satisfies never;
  }
}

async function runsIn(
  source: Pick<LedgerSource, 'get'>,
  sizes: readonly number[],
  { since, until }: Extract<Scope, { kind: 'period' }>,
): Promise<Wanted> {
  const runs = new Set<string>();
  for (const [at, size] of sizes.entries()) {
    const list = await listOf(source, sizes[at - 1] ?? 0, size);
    if (list.time < since || list.time >= until) continue;
    for (const line of list.lines) {
      const leaf = parseLeafLine(line);
      if (leaf) runs.add(leaf.runId);
    }
  }
  return runs;
}
