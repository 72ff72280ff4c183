import { leafHash } from '../evidence/chain';
import { isRecord } from '../evidence/record-check.generated';
import type { EvidenceRecord } from '../evidence/record';
import { leafLine, parseLeafLine, type ListText } from './leaf-list';
import type { Tree } from './tree';
import type { RunBook } from './verify-runs';
import { broken, type Bodies, type Position, type Wanted } from './verify-source';

/** Where leaves are taken into, and whose bodies are looked at. */
interface Into {
  readonly tree: Tree;
  readonly runs: RunBook;
  readonly wanted: Wanted;
}

/**
 * Takes the leaves of one list into the tree and the run book: every body is hashed again and must be the record its
 * line names. @returns how many bodies there were
 * @throws Broken at the first leaf that does not hold
 */
export function takeLeaves(into: Into, object: string, list: ListText, blocks: Iterable<Bodies>): number {
  let at = 0;
  let records = 0;
  for (const bodies of blocks) {
    const lines = list.lines.slice(at, at + bodies.length);
    const wanted = wantedBodies(into.wanted, lines, bodies);
    records += takeBlock(into, { object, from: list.from + at, lines, bodies: wanted });
    at += bodies.length;
  }
  const without = list.lines.slice(at);
  takeBlock(into, { object, from: list.from + at, lines: without, bodies: without.map(() => undefined) });
  return records;
}

/** Some leaves of a list, one after the other. */
interface Block {
  readonly object: string;
  /** Number of its first leaf. */
  readonly from: number;
  readonly lines: readonly string[];
  readonly bodies: Bodies;
}

// One thing is done to all leaves of a block before the next: hashing, parsing and judging in turns, leaf by leaf, take
// longer, because each drives the others' code out of the processor's cache.
function takeBlock({ tree, runs, wanted }: Into, { object, from, lines, bodies }: Block): number {
  const hashes = bodies.map(hashOfBody);
  const read = bodies.map(recordOf);
  const named = read.map((record, at) => record && lineOf(record, hashes[at] ?? NO_BODY));
  let records = 0;
  for (const [at, line] of lines.entries()) {
    const leaf = from + at;
    const hash = hashes[at] ?? NO_BODY;
    const record = read[at];
    if (hash === NO_BODY) {
      hashes[at] = withoutBody({ object, leaf }, line, runs, wanted);
      continue;
    }
    if (!record)
      broken({ object, leaf, ...nameOf(line) }, hashOf(line), `hash ${hash} of a body that is no record`);
    if (named[at] !== line) differs({ object, leaf }, line, hash, record);
    runs.take(object, leaf, record, hash);
    records += 1;
  }
  for (const hash of hashes) tree.append(hash);
  return records;
}

/** In the place of a hash. */
const NO_BODY = '';

function hashOfBody(body: string | undefined): string {
  return body === undefined || body === '' ? NO_BODY : leafHash(body);
}

function wantedBodies(wanted: Wanted, lines: readonly string[], bodies: Bodies): Bodies {
  if (wanted === 'all') return bodies;
  return lines.map((line, at) => (wanted.has(parseLeafLine(line)?.runId ?? '') ? bodies[at] : undefined));
}

function lineOf({ chain, runId, seq, type }: EvidenceRecord, hash: string): string {
  return leafLine({ chain, runId, seq, hash, part: type === 'RunClosed' ? 'closes' : 'within' });
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

function recordOf(body: string | undefined): EvidenceRecord | undefined {
  if (body === undefined || body === '') return undefined;
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
