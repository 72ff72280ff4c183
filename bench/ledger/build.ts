import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { bundlePaths } from '../../core/ledger/bundle';
import type { Files } from '../../core/ledger/bundle-source';
import { checkpointHash, checkpointKey, checkpointText } from '../../core/ledger/checkpoint';
import { leafListHash, leafListKey, leafListText, type Leaf } from '../../core/ledger/leaf-list';
import { emptyLedger, LEAVES_AT_ONCE, nextList, type LedgerHead } from '../../core/ledger/next-list';
import { signedBytes } from '../../core/ledger/signed';
import { placeOf, tileBytes, tileKey } from '../../core/ledger/tile';
import { Tree } from '../../core/ledger/tree';
import { rotationCopies } from '../../test/support/ledger-copies';
import { LEDGER_ID, START } from '../../test/support/chains';

/** A sealed ledger of verified rotations, as the files of a bundle in memory. */
export interface BuiltLedger {
  readonly files: ReadonlyMap<string, Buffer>;
  readonly publicKey: KeyObject;
  readonly records: number;
}

/** Seals at least so many records, 4,096 to a checkpoint. */
export function buildLedger(atLeast: number): BuiltLedger {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const files = new Map<string, Buffer>();
  const tree = new Tree();
  let head = emptyLedger(LEDGER_ID);
  let batch: Recorded[] = [];
  const put = () => {
    head = sealed(files, tree, head, batch.splice(0, LEAVES_AT_ONCE), privateKey);
  };
  for (const recorded of rotations(atLeast)) {
    batch.push(recorded);
    if (batch.length === LEAVES_AT_ONCE) put();
  }
  if (batch.length > 0) put();
  batch = [];
  for (const tile of tree.partial()) files.set(tileKey(placeOf(tile)), tileBytes(tile));
  return { files, publicKey, records: tree.size };
}

interface Recorded {
  readonly leaf: Leaf;
  readonly body: string;
}

/** Records in the order in which Seal takes them: what a run did, its proofs, its end. */
function* rotations(atLeast: number): Generator<Recorded> {
  const copy = rotationCopies();
  for (let run = 0, records = 0; records < atLeast; run += 1) {
    const chains = copy(`run-${run}`);
    const ordered = [...chains.run.slice(0, -1), ...chains.proof, ...chains.run.slice(-1)];
    for (const [at, { chain, runId, seq, hash, body }] of ordered.entries()) {
      const part = at === ordered.length - 1 ? 'closes' : 'within';
      yield { leaf: { chain, runId, seq, hash, part }, body };
    }
    records += ordered.length;
  }
}

function sealed(
  files: Map<string, Buffer>,
  tree: Tree,
  head: LedgerHead,
  batch: readonly Recorded[],
  privateKey: KeyObject,
): LedgerHead {
  const list = nextList(
    head,
    batch.map(({ leaf }) => leaf),
    START,
  );
  for (const { hash } of list.leaves) tree.append(hash);
  for (const tile of tree.takeFull()) files.set(tileKey(placeOf(tile)), tileBytes(tile));
  const listText = leafListText(list);
  const { origin, prevCheckpointHash, runsOpen, runsClosed, time } = list;
  const text = checkpointText({
    origin,
    prevCheckpointHash,
    runsOpen,
    runsClosed,
    time,
    size: tree.size,
    root: tree.root(),
    leavesHash: leafListHash(listText),
  });
  files.set(leafListKey(list.from), Buffer.from(listText));
  files.set(bundlePaths.records(list.from), Buffer.from(batch.map(({ body }) => `${body}\n`).join('')));
  files.set(checkpointKey(tree.size), signedBytes(text, sign('sha256', Buffer.from(text), privateKey)));
  return { origin, size: tree.size, checkpointHash: checkpointHash(text), runsOpen, runsClosed };
}

/** The files of a built ledger as a folder. */
export function folderOf({ files }: BuiltLedger): Files {
  const names = [...files.keys()].toSorted();
  return { read: async (path) => files.get(path), list: async () => names };
}
