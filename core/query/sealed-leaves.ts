import { parseLeafLine, type ListText } from '../ledger/leaf-list';
import { broken, type Objects } from '../ledger/verify-source';
import { listOf } from '../ledger/verify-scope';
import { batches } from './batches';

/** The first and the last record of a run, by the leaves that seal them. */
export interface RunLeaves {
  readonly openedHash: string;
  readonly closes: { readonly seq: number; readonly hash: string } | undefined;
}

/** A run, and the list that its first record is sealed by. */
export interface SealedRun extends RunLeaves {
  /** Size of the ledger before that list. */
  readonly from: number;
  /** When that list was sealed. */
  readonly sealedAt: string;
}

/** Runs by the lists that were read. `later` is the size before the first list that was not; undefined at the end. */
export interface SealedLeaves {
  readonly runs: ReadonlyMap<string, SealedRun>;
  readonly later: number | undefined;
}

/** Clocks of two machines may differ by so much. */
const SKEW_MS = 5 * 60_000;
/** A run is sealed within a minute, or later when Seal was stopped or its records waited in the spill. */
export const SEALED_WITHIN_MS = 60 * 60_000;
/** Lists read at the same time, and in one answer about what was sealed late. */
const ABREAST = 16;
const MOST_LISTS = 512;

/**
 * The runs that were opened in a period, as far as they were sealed within an hour after it, by the leaf lists of that
 * time, which are found by halving.
 * @param most reading ends once there are more runs than this
 * @throws Broken when a list is missing or none
 */
export async function sealedLeaves(
  sealed: Objects,
  { since, until }: { readonly since?: string; readonly until?: string },
  most: number,
): Promise<SealedLeaves> {
  const sizes = await sizesIn(sealed);
  const list = (at: number) => listAt(sealed, sizes, at);
  const from = since === undefined ? 0 : await firstFrom(sizes.length, list, shifted(since, -SKEW_MS));
  const end = until === undefined ? undefined : shifted(until, SEALED_WITHIN_MS);
  const runs = new Map<string, SealedRun>();
  for (let at = from; at < sizes.length; at += 1) {
    const read = await list(at);
    note(runs, read);
    if (runs.size > most || (end !== undefined && read.time > end)) return { runs, later: sizes[at + 1] };
  }
  return { runs, later: undefined };
}

/**
 * The runs that the lists from a size on seal, as many as one answer looks at.
 * @param most reading ends once there are more runs than this
 * @throws Broken when a list is missing or none
 */
export async function leavesFrom(sealed: Objects, size: number, most: number): Promise<SealedLeaves> {
  const sizes = await sizesIn(sealed);
  const first = sizes.findIndex((each) => each >= size);
  const runs = new Map<string, SealedRun>();
  if (first === -1) return { runs, later: undefined };
  for (let at = first; at < sizes.length; at += ABREAST) {
    if (runs.size > most || at - first >= MOST_LISTS) return { runs, later: sizes[at] };
    const some = Array.from({ length: Math.min(ABREAST, sizes.length - at) }, (_, n) => at + n);
    for (const read of await batches(some, ABREAST, (each) => listAt(sealed, sizes, each))) note(runs, read);
  }
  return { runs, later: undefined };
}

async function sizesIn(sealed: Objects): Promise<readonly number[]> {
  const keys = (await sealed.versions('leaves/')).map(({ key }) => key);
  return keys.map((key) => Number(key.slice('leaves/'.length))).toSorted((a, b) => a - b);
}

function listAt(sealed: Objects, sizes: readonly number[], at: number): Promise<ListText> {
  return listOf(sealed, sizes[at] ?? 0, sizes[at + 1] ?? sizes[at] ?? 0);
}

async function firstFrom(
  count: number,
  list: (at: number) => Promise<{ readonly time: string }>,
  since: string,
): Promise<number> {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((await list(middle)).time < since) low = middle + 1;
    else high = middle;
  }
  return low;
}

function note(runs: Map<string, SealedRun>, { time: sealedAt, lines, from }: ListText): void {
  for (const line of lines) {
    const leaf = parseLeafLine(line) ?? broken(`leaves/${from}`, 'lines of leaves', 'one that is none');
    const { chain, runId, seq, hash, part } = leaf;
    if (chain === 'RUN' && seq === 0)
      runs.set(runId, { openedHash: hash, closes: undefined, from, sealedAt });
    const known = runs.get(runId);
    if (known && part === 'closes') runs.set(runId, { ...known, closes: { seq, hash } });
  }
}

function shifted(time: string, ms: number): string {
  return new Date(Date.parse(time) + ms).toISOString();
}
