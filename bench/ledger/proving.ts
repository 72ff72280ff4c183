import { performance } from 'node:perf_hooks';
import { canonical } from '../../core/evidence/canonical';
import { leafListKey, readLeafList } from '../../core/ledger/leaf-list';
import { nodesOf } from '../../core/ledger/nodes';
import { inclusionProof } from '../../core/ledger/proof';
import { checkInclusion } from '../../core/ledger/proof-check';
import { LEAVES_AT_ONCE } from '../../core/ledger/next-list';
import { checkpointKey } from '../../core/ledger/checkpoint';
import * as z from 'zod/mini';
import { quantile } from '../quantile';
import type { BuiltLedger } from './build';

export interface Proving {
  /** Of the largest proof as JSON text, hashes in base64. */
  readonly bytes: number;
  /** Median of checking one, in milliseconds. */
  readonly ms: number;
}

const PROOFS = 500;

/** Proves runs by their terminal records, whose links cover all the others of the run. */
export async function proving({ files, records: size }: BuiltLedger): Promise<Proving> {
  const checkpoint = String(files.get(checkpointKey(size))).split('\n')[0] ?? '';
  const { root } = z.object({ root: z.string() }).parse(JSON.parse(checkpoint));
  const head = { size, root: Buffer.from(root, 'hex') };
  const nodes = nodesOf(async (key) => files.get(key), size);
  let bytes = 0;
  const took: number[] = [];
  for (let n = 0; n < PROOFS; n += 1) {
    const index = Math.floor(((n + 0.5) * size) / PROOFS);
    const path = await inclusionProof(nodes, index, size);
    const text = canonical({ index, size, path: path.map((each) => each.toString('base64')) });
    bytes = Math.max(bytes, text.length);
    const leaf = leafAt(files, index);
    const started = performance.now();
    const proven = checkInclusion(leaf, index, path, head);
    took.push(performance.now() - started);
    if (proven !== 'proven') throw new Error(`leaf ${index} of ${size} was not proven`);
  }
  return { bytes, ms: quantile(took, 0.5) };
}

function leafAt(files: BuiltLedger['files'], index: number): Buffer {
  const from = Math.floor(index / LEAVES_AT_ONCE) * LEAVES_AT_ONCE;
  const list = readLeafList(files.get(leafListKey(from)) ?? Buffer.alloc(0));
  return Buffer.from(list?.leaves[index - from]?.hash ?? '', 'hex');
}
