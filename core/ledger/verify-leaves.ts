import { leafHash } from '../evidence/chain';
import { isRecord } from '../evidence/record-check.generated';
import type { EvidenceRecord } from '../evidence/record';
import { leafLine, parseLeafLine, type ListText } from './leaf-list';
import type { Tree } from './tree';
import type { RunBook } from './verify-runs';
import { broken, type Position, type Wanted } from './verify-source';

/**
 * Takes the leaves of one list into the tree and the run book: every body is hashed again and must be the record its
 * line names. @returns how many bodies there were
 * @throws Broken at the first leaf that does not hold
 */
export function takeLeaves(
  { tree, runs, wanted }: { readonly tree: Tree; readonly runs: RunBook; readonly wanted: Wanted },
  object: string,
  list: ListText,
  bodies: readonly (string | undefined)[],
): number {
  let records = 0;
  let leaf = list.from - 1;
  for (const line of list.lines) {
    leaf += 1;
    const at = leaf - list.from;
    const body = wanted === 'all' || wanted.has(parseLeafLine(line)?.runId ?? '') ? bodies[at] : undefined;
    if (body === undefined || body === '') {
      tree.append(Buffer.from(withoutBody({ object, leaf }, line, runs, wanted), 'hex'));
      continue;
    }
    const hash = leafHash(body);
    const record = recordOf(body);
    if (!record)
      broken({ object, leaf, ...nameOf(line) }, hashOf(line), `hash ${hash} of a body that is no record`);
    const { chain, runId, seq } = record;
    const part = record.type === 'RunClosed' ? 'closes' : 'within';
    if (leafLine({ chain, runId, seq, hash, part }) !== line) differs({ object, leaf }, line, hash, record);
    runs.take(object, leaf, record, hash);
    tree.append(Buffer.from(hash, 'hex'));
    records += 1;
  }
  return records;
}

/** @returns the leaf's hash */
function withoutBody(
  at: Position & { readonly leaf: number },
  line: string,
  runs: RunBook,
  wanted: Wanted,
): string {
  const leaf = parseLeafLine(line);
  if (!leaf) broken(at, 'a line that names a leaf', line.slice(0, 100));
  const { chain, runId, seq } = leaf;
  const position = { ...at, chain, runId, seq };
  if (wanted === 'all' || wanted.has(runId)) broken(position, `the record of hash ${leaf.hash}`, 'nothing');
  runs.pass(position, leaf);
  return leaf.hash;
}

function recordOf(body: string): EvidenceRecord | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return isRecord(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function nameOf(line: string): Partial<Position> {
  const leaf = parseLeafLine(line);
  return leaf ? { chain: leaf.chain, runId: leaf.runId, seq: leaf.seq } : {};
}

function hashOf(line: string): string {
  return `hash ${parseLeafLine(line)?.hash ?? 'of a leaf'}`;
}

/** Names what the list says was sealed there, and what is there now. */
function differs(position: Position, line: string, hash: string, record: EvidenceRecord): never {
  const sealed = parseLeafLine(line);
  if (!sealed) broken(position, `a line that names leaf ${position.leaf ?? 0}`, line.slice(0, 100));
  const place = `${sealed.chain}#${sealed.runId} seq ${sealed.seq}`;
  const there = `${record.chain}#${record.runId} seq ${record.seq}`;
  const { chain, runId, seq } = sealed;
  broken({ ...position, chain, runId, seq }, `${place} of hash ${sealed.hash}`, `${there} of hash ${hash}`);
}
