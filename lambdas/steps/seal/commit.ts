import {
  checkpointHash,
  checkpointKey,
  checkpointText,
  type Checkpoint,
} from '../../../core/ledger/checkpoint';
import { leafListHash, leafListText, sizeAfter, type LeafList } from '../../../core/ledger/leaf-list';
import { leavesByRun, unsealedRun, withLeaves } from '../../../core/ledger/sealed-run';
import { signedBytes } from '../../../core/ledger/signed';
import { placeOf, tileBytes, tileKey } from '../../../core/ledger/tile';
import type { SealDeps } from './deps';
import { headOf, readCheckpoint, type Ledger } from './ledger';
import { conflict, writeOnce } from './once';

/** Runs whose index is written at the same time. */
const ABREAST = 16;

/**
 * Carries out a leaf list: tiles, then the checkpoint, then how far each run is sealed, then the ledger's size. All of
 * it follows from the list, so it may be carried out any number of times, by anybody, from any point on.
 * @throws Failure EvidenceConflict when something else is there already; FenceLost when another sealer moved on
 */
export async function commit(deps: SealDeps, ledger: Ledger, fence: number, list: LeafList): Promise<Ledger> {
  const { tree } = ledger;
  for (const { hash } of list.leaves) tree.append(hash);
  for (const tile of [...tree.takeFull(), ...tree.partial()])
    await writeOnce(deps.sealed, tileKey(placeOf(tile)), tileBytes(tile));
  const checkpoint: Checkpoint = {
    origin: list.origin,
    size: tree.size,
    root: tree.root(),
    prevCheckpointHash: list.prevCheckpointHash,
    leavesHash: leafListHash(leafListText(list)),
    runsOpen: list.runsOpen,
    runsClosed: list.runsClosed,
    time: list.time,
  };
  const text = checkpointText(checkpoint);
  await writeCheckpoint(deps, checkpoint.size, text);
  await writeIndex(deps, list);
  await deps.index.advance({ fence, from: list.from, to: sizeAfter(list) });
  return { tree, head: headOf(checkpoint, checkpointHash(text)) };
}

/** ECDSA signs a text differently each time: the first stored signature stays, and only the text must be the same. */
async function writeCheckpoint(deps: SealDeps, size: number, text: string): Promise<void> {
  const there = await readCheckpoint(deps, size);
  if (there) return sameText(size, there.hash, text);
  const bytes = signedBytes(text, await deps.signer.sign(Buffer.from(text)));
  if ((await deps.sealed.put(checkpointKey(size), bytes)) === 'stored') return;
  const other = await readCheckpoint(deps, size);
  return sameText(size, other?.hash ?? 'nothing', text);
}

function sameText(size: number, found: string, text: string): void {
  const expected = checkpointHash(text);
  if (found !== expected)
    throw conflict(checkpointKey(size), `the checkpoint of hash ${expected}`, `one of hash ${found}`);
}

async function writeIndex(deps: SealDeps, list: LeafList): Promise<void> {
  const runs = [...leavesByRun(list)];
  for (let from = 0; from < runs.length; from += ABREAST) {
    const some = runs.slice(from, from + ABREAST);
    const known = await deps.index.sealedRuns(some.map(([runId]) => runId));
    await Promise.all(
      some.map(async ([runId, leaves]) => {
        const before = known.find((run) => run.runId === runId);
        const after = withLeaves(before ?? unsealedRun(runId), leaves);
        // `moved on` is another sealer carrying out this same list.
        if (after !== before) await deps.index.putSealedRun(before, after);
      }),
    );
  }
}
