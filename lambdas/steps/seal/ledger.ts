import { checkpointKey, openCheckpoint, type Checkpoint } from '../../../core/ledger/checkpoint';
import { readTile } from '../../../core/ledger/nodes';
import { emptyLedger, type LedgerHead } from '../../../core/ledger/next-list';
import { pinnedKey } from '../../../core/ledger/signed';
import { partialPlaces } from '../../../core/ledger/tile';
import { Tree } from '../../../core/ledger/tree';
import { conflict } from './once';
import type { SealDeps } from './deps';

/** The ledger that is being sealed. The tree is moved on in place. */
export interface Ledger {
  readonly tree: Tree;
  readonly head: LedgerHead;
}

/** The checkpoint of a size, if it is there and our own. @throws Failure EvidenceConflict when it is not our own */
export async function readCheckpoint(
  deps: Pick<SealDeps, 'sealed' | 'signer' | 'ledgerId'>,
  size: number,
): Promise<{ readonly checkpoint: Checkpoint; readonly hash: string } | undefined> {
  const key = checkpointKey(size);
  const bytes = await deps.sealed.get(key);
  if (bytes === undefined) return undefined;
  const pinned = { origin: deps.ledgerId, key: pinnedKey(await deps.signer.publicKey()) };
  const check = openCheckpoint(bytes, pinned);
  if (check.state === 'invalid') throw conflict(key, check.expected, check.found);
  return check;
}

/**
 * The ledger as it was sealed up to a size, from its checkpoint and the tiles of its right edge. Nothing is added to a
 * tree whose root is not the signed one.
 * @throws Failure EvidenceConflict when checkpoint and tiles do not fit
 */
export async function resume(deps: SealDeps, size: number): Promise<Ledger> {
  if (size === 0) return { tree: new Tree(), head: emptyLedger(deps.ledgerId) };
  const key = checkpointKey(size);
  const last = await readCheckpoint(deps, size);
  if (!last) throw conflict(key, `the checkpoint of ${size} leaves`, 'nothing');
  const places = partialPlaces(size);
  const edges: (readonly string[])[] = [];
  for (const place of places) edges[place.level] = await readTile((tile) => deps.sealed.get(tile), place);
  const tree = Tree.resume(size, edges);
  const root = tree.root();
  if (root !== last.checkpoint.root || size !== last.checkpoint.size)
    throw conflict(key, `root ${root} of ${size} leaves`, `root ${last.checkpoint.root}`);
  return { tree, head: headOf(last.checkpoint, last.hash) };
}

/** The head a checkpoint leaves behind. */
export function headOf(
  { origin, size, runsOpen, runsClosed }: Checkpoint,
  checkpointHash: string,
): LedgerHead {
  return { origin, size, checkpointHash, runsOpen, runsClosed };
}
