import { parseLeafLine } from '../ledger/leaf-list';
import { broken, type Objects } from '../ledger/verify-source';
import { listOf } from '../ledger/verify-scope';

/** The first and the last record of a run, by the leaves that seal them. */
export interface RunLeaves {
  readonly openedHash: string;
  readonly closes: { readonly seq: number; readonly hash: string } | undefined;
}

/** Runs by the lists that were read. `until`: what was sealed later was not read; undefined when everything was. */
export interface SealedLeaves {
  readonly runs: ReadonlyMap<string, RunLeaves>;
  readonly until: string | undefined;
}

/** Clocks of two machines may differ by so much. */
const SKEW_MS = 5 * 60_000;
/** A run is sealed within a minute, or later when Seal was stopped or its records waited in the spill. */
const SEALED_WITHIN_MS = 60 * 60_000;

/**
 * The runs that were opened in a period, by the leaf lists of that time, which are found by halving.
 * @param most reading ends once there are more runs than this
 * @throws Broken when a list is missing or none
 */
export async function sealedLeaves(
  sealed: Objects,
  { since, until }: { readonly since?: string; readonly until?: string },
  most: number,
): Promise<SealedLeaves> {
  const sizes = (await sealed.versions('leaves/'))
    .map(({ key }) => Number(key.slice('leaves/'.length)))
    .toSorted((a, b) => a - b);
  const list = (at: number) => listOf(sealed, sizes[at] ?? 0, sizes[at + 1] ?? sizes[at] ?? 0);
  const from = since === undefined ? 0 : await firstFrom(sizes.length, list, shifted(since, -SKEW_MS));
  const end = until === undefined ? undefined : shifted(until, SEALED_WITHIN_MS);
  const runs = new Map<string, RunLeaves>();
  for (let at = from; at < sizes.length; at += 1) {
    const { time, lines, from: size } = await list(at);
    for (const line of lines) note(runs, line, size);
    if (runs.size > most) break;
    if (end !== undefined && time > end && at < sizes.length - 1) return { runs, until: time };
  }
  return { runs, until: undefined };
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

function note(runs: Map<string, RunLeaves>, line: string, size: number): void {
  const leaf = parseLeafLine(line) ?? broken(`leaves/${size}`, 'lines of leaves', 'one that is none');
  const { chain, runId, seq, hash, part } = leaf;
  if (chain === 'RUN' && seq === 0) runs.set(runId, { openedHash: hash, closes: undefined });
  const known = runs.get(runId);
  if (known && part === 'closes') runs.set(runId, { ...known, closes: { seq, hash } });
}

function shifted(time: string, ms: number): string {
  return new Date(Date.parse(time) + ms).toISOString();
}
