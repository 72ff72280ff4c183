import type { Scope } from './bundle';
import { checkpointKey } from './checkpoint';
import { leafListKey, type ListText } from './leaf-list';
import { Tree } from './tree';
import { followingCheckpoint, overlays, sizesOf, type Overlay, type Verified } from './verify-checkpoints';
import { checkCopy, checkKnown, checkWitness } from './verify-copies';
import { takeLeaves } from './verify-leaves';
import { RunBook, type Late } from './verify-runs';
import { Broken, broken, type LedgerBreak, type LedgerSource, type Trusted } from './verify-source';
import { listOf, wantedRuns } from './verify-scope';
import { checkFullTiles, checkPartialTiles } from './verify-tiles';

/** What a verification found. `unsealed` records are never part of what is verified. */
export type LedgerCheck =
  | {
      readonly state: 'verified';
      readonly origin: string;
      readonly scope: Scope;
      /** Leaves under the last checkpoint, and its root; 0 and '' for a ledger without one. */
      readonly size: number;
      readonly root: string;
      readonly checkpoints: number;
      /** Records whose bytes were hashed again: all, or those of the scope. */
      readonly records: number;
      readonly runsOpen: number;
      readonly runsClosed: number;
      readonly unsealed: number;
      /** Up to which size each copy, and the witness, has the very same checkpoints. */
      readonly copied: readonly { readonly name: string; readonly size: number }[];
      readonly overlays: readonly Overlay[];
      /** Verified runs that say EVIDENCE_DEGRADED: their records arrived later than they were made. */
      readonly degraded: readonly Late[];
    }
  | { readonly state: 'broken'; readonly first: LedgerBreak };

/**
 * Verifies a ledger from nothing but a pinned origin and public key: every body is hashed again, every chain followed,
 * every leaf looked for in its tile, every checkpoint's root worked out from all the leaves before it (so that all of
 * them are consistent: nothing in the middle is skipped, GHSA-672p-m5jq-mrh8), every signature and link checked, the
 * census counted, and copies compared. It stops at the first thing that does not hold.
 */
export async function verifyLedger(source: LedgerSource, trusted: Trusted): Promise<LedgerCheck> {
  try {
    return await verified(source, trusted);
  } catch (error) {
    if (error instanceof Broken) return { state: 'broken', first: error.first };
    throw error;
  }
}

async function verified(source: LedgerSource, trusted: Trusted): Promise<LedgerCheck> {
  const objects = await source.versions('');
  const keys = objects.map(({ key }) => key);
  const sizes = sizesOf(
    keys.filter((key) => key.startsWith('checkpoint/')),
    'checkpoint/',
  );
  const wanted = await wantedRuns(source, sizes, trusted.scope);
  const tree = new Tree();
  const runs = new RunBook(trusted.origin);
  const all: Verified[] = [];
  let records = 0;
  for (const size of sizes) {
    const next = await followingCheckpoint(source, trusted, size, all.at(-1));
    const list = await listOf(source, tree.size, size);
    const bodies = await source.bodies(list, wanted);
    records += takeLeaves({ tree, runs, wanted }, leafListKey(list.from), list, bodies);
    await checkFullTiles(source, tree);
    checkAgainst(next, list, tree, runs);
    all.push(next);
  }
  await checkPartialTiles(source, tree);
  runs.finish(checkpointKey(tree.size));
  noListsBetween(keys, sizes);
  const copied = await checkCopies(trusted, all);
  return {
    state: 'verified',
    origin: trusted.origin,
    scope: trusted.scope,
    size: tree.size,
    root: all.at(-1)?.checkpoint.root ?? '',
    checkpoints: all.length,
    records,
    runsOpen: runs.open,
    runsClosed: runs.closed,
    unsealed: (await source.unsealed(runs.sealed())).length,
    copied,
    overlays: [...overlays(objects), ...(await overlaysOfCopies(trusted))],
    degraded: runs.degraded,
  };
}

async function checkCopies(trusted: Trusted, all: readonly Verified[]) {
  const copied: { name: string; size: number }[] = [];
  for (const copy of trusted.copies) copied.push({ name: copy.name, size: await checkCopy(copy, all) });
  if (trusted.witness)
    copied.push({ name: 'witness', size: await checkWitness(trusted.witness, trusted.origin, all) });
  checkKnown(trusted.known, all);
  return copied;
}

/** What was laid over a copy; the copy's first versions were compared. */
async function overlaysOfCopies({ copies }: Trusted): Promise<readonly Overlay[]> {
  const each = copies.map(async ({ name, objects }) =>
    overlays(await objects.versions('checkpoint/')).map((overlay) => ({
      ...overlay,
      key: `${name}: ${overlay.key}`,
    })),
  );
  return (await Promise.all(each)).flat();
}

/** What the checkpoint says of the list, the tree and the runs so far. */
function checkAgainst({ checkpoint }: Verified, list: ListText, tree: Tree, runs: RunBook): void {
  const lists = leafListKey(list.from);
  const key = checkpointKey(checkpoint.size);
  const count = checkpoint.size - list.from;
  if (list.lines.length !== count) broken(lists, `${count} leaves`, `${list.lines.length} leaves`);
  const root = tree.root();
  if (root !== checkpoint.root) broken(key, `root ${root} of the leaves`, `root ${checkpoint.root}`);
  if (list.hash !== checkpoint.leavesHash)
    broken(lists, `a list of hash ${checkpoint.leavesHash}`, `one of hash ${list.hash}`);
  const census = `${runs.open} open and ${runs.closed} closed runs`;
  const said = `${checkpoint.runsOpen} open and ${checkpoint.runsClosed} closed runs`;
  if (census !== said) broken(key, census, said);
}

/** A list that is no checkpoint's is one that was being sealed: there is at most one, after the last checkpoint. */
function noListsBetween(keys: readonly string[], sizes: readonly number[]): void {
  const expected = new Set([0, ...sizes].map(leafListKey));
  const other = keys.find((key) => key.startsWith('leaves/') && !expected.has(key));
  if (other !== undefined) broken(other, 'a list that a checkpoint follows on', 'one between checkpoints');
}
