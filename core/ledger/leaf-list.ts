import { endsInLineFeed, linesOf } from './text';
import * as z from 'zod/mini';
import { canonical } from '../evidence/canonical';
import type { Chain } from '../evidence/record';
import { sha256 } from './hash';

const hex = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const count = z.int().check(z.nonnegative());

const header = z.strictObject({
  type: z.literal('gapless-leaves'),
  v: z.literal(1),
  origin: z.string(),
  from: count,
  count: z.int().check(z.positive()),
  prevCheckpointHash: hex,
  runsOpen: count,
  runsClosed: count,
  time: z.iso.datetime(),
});

const line = z.union([
  z.tuple([z.enum(['RUN', 'PROOF']), z.string(), count, hex]),
  z.tuple([z.literal('RUN'), z.string(), count, hex, z.literal('closes')]),
]);

/** One leaf: which record it is. Its hash is the record's `h`, SHA-256(0x00 || body). */
export interface Leaf {
  readonly chain: Chain;
  readonly runId: string;
  readonly seq: number;
  /** In hex. */
  readonly hash: string;
  /** Whether the record is the run's RunClosed. */
  readonly part: 'closes' | 'within';
}

/**
 * The leaves one checkpoint adds, in the order of the tree. It is written before anything that follows from it: once it
 * is there, tiles, checkpoint and index are decided, whoever goes on and however often.
 */
export interface LeafList {
  readonly origin: string;
  /** Size of the tree before. */
  readonly from: number;
  readonly prevCheckpointHash: string;
  /** The census after these leaves; see Checkpoint. */
  readonly runsOpen: number;
  readonly runsClosed: number;
  readonly time: string;
  readonly leaves: readonly Leaf[];
}

/** Name of a leaf list's object, by the size of the tree before it. */
export function leafListKey(from: number): string {
  return `leaves/${String(from).padStart(12, '0')}`;
}

/** Size of the tree after a list. */
export function sizeAfter({ from, leaves }: LeafList): number {
  return from + leaves.length;
}

// Execution names, which run ids are, are all like this; a verifier writes a line for every record there is.
const PLAIN = /^[\w-]*$/;

/** One line of a list, as JSON: chain, run, seq, hash, and `closes` when it is the run's terminal record. */
export function leafLine({ chain, runId, seq, hash, part }: Leaf): string {
  const name = PLAIN.test(runId) ? `"${runId}"` : JSON.stringify(runId);
  const common = `["${chain}",${name},${seq},"${hash}"`;
  return part === 'closes' ? `${common},"closes"]` : `${common}]`;
}

/** The one text of a list: a header, then a line for each leaf. */
export function leafListText({ leaves, ...rest }: LeafList): string {
  const top = canonical({ ...rest, count: leaves.length, type: 'gapless-leaves', v: 1 });
  return `${[top, ...leaves.map(leafLine)].join('\n')}\n`;
}

/** SHA-256 of a list's text, in hex. */
export function leafListHash(text: string): string {
  return sha256(text);
}

/** A list as it is read: its lines are parsed only where somebody needs them. */
export interface ListText extends Omit<LeafList, 'leaves'> {
  readonly lines: readonly string[];
  readonly hash: string;
}

/** Splits a stored list; undefined when it is none of version 1 in its one text form. */
export function readListText(bytes: Uint8Array): ListText | undefined {
  const [top = '', ...lines] = linesOf(bytes);
  const parsed = header.safeParse(json(top));
  if (!parsed.success || !endsInLineFeed(bytes) || lines.length !== parsed.data.count) return undefined;
  if (canonical(parsed.data) !== top) return undefined;
  const { type: _type, v: _v, count: _count, ...rest } = parsed.data;
  return { ...rest, lines, hash: sha256(bytes) };
}

/** One line of a list; undefined when it is none. */
export function parseLeafLine(text: string): Leaf | undefined {
  const parsed = line.safeParse(json(text));
  if (!parsed.success) return undefined;
  const [chain, runId, seq, hash, part] = parsed.data;
  const leaf = { chain, runId, seq, hash, part: part ?? 'within' } as const;
  return leafLine(leaf) === text ? leaf : undefined;
}

/** Reads a whole stored list; undefined when it is none of version 1 in its one text form. */
export function readLeafList(bytes: Uint8Array): LeafList | undefined {
  const read = readListText(bytes);
  if (!read) return undefined;
  const { lines, hash: _hash, ...rest } = read;
  const leaves = lines.flatMap((text) => parseLeafLine(text) ?? []);
  return leaves.length === lines.length ? { ...rest, leaves } : undefined;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
