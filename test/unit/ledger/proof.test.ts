import * as fc from 'fast-check';
import { nodesOf } from '../../../core/ledger/nodes';
import { consistencyProof, inclusionProof } from '../../../core/ledger/proof';
import { checkConsistency, checkInclusion } from '../../../core/ledger/proof-check';
import { leavesOf, merkleConsistency, merklePath, merkleRoot, tiled } from '../../support/merkle';

const leaves = leavesOf(700);

function headOf(size: number) {
  return { size, root: merkleRoot(leaves.slice(0, size)) };
}

function nodesAt(size: number) {
  const { tiles } = tiled(leaves.slice(0, size));
  return nodesOf(async (key) => tiles.get(key), size);
}

it('proves every leaf in every tree of up to 40 leaves with the path of RFC 6962', async () => {
  for (let size = 1; size <= 40; size += 1) {
    const [nodes, head] = [nodesAt(size), headOf(size)];
    for (const [leaf, hash] of leaves.slice(0, size).entries()) {
      const path = await inclusionProof(nodes, leaf, size);
      expect(path).toEqual(merklePath(leaf, leaves.slice(0, size)));
      expect(checkInclusion(hash, leaf, path, head)).toBe('proven');
    }
  }
});

it('proves every tree of up to 40 leaves to be a beginning of every larger one', async () => {
  for (let newer = 0; newer <= 40; newer += 1) {
    const nodes = nodesAt(newer);
    for (let older = 0; older <= newer; older += 1) {
      const proof = await consistencyProof(nodes, older, newer);
      if (older > 0) expect(proof).toEqual(merkleConsistency(older, leaves.slice(0, newer)));
      expect(checkConsistency(headOf(older), headOf(newer), proof)).toBe('proven');
    }
  }
});

function notIncluded(...given: Parameters<typeof checkInclusion>): void {
  expect(checkInclusion(...given)).toBe('not proven');
}

function notConsistent(...given: Parameters<typeof checkConsistency>): void {
  expect(checkConsistency(...given)).toBe('not proven');
}

const pairs = fc
  .integer({ min: 1, max: leaves.length })
  .chain((size) => fc.tuple(fc.integer({ min: 0, max: size - 1 }), fc.constant(size)));

it('proves leaves and beginnings across tiles', async () => {
  await fc.assert(
    fc.asyncProperty(pairs, async ([n, size]) => {
      const nodes = nodesAt(size);
      const path = await inclusionProof(nodes, n, size);
      expect(checkInclusion(leaves[n] ?? Buffer.alloc(0), n, path, headOf(size))).toBe('proven');
      const proof = await consistencyProof(nodes, n, size);
      expect(checkConsistency(headOf(n), headOf(size), proof)).toBe('proven');
    }),
    { numRuns: 60 },
  );
});

it('does not take a proof for another leaf, place, size or root, nor one that was changed, cut or made longer', async () => {
  const other = Buffer.alloc(32, 7);
  await fc.assert(
    fc.asyncProperty(pairs, fc.nat(), async ([n, size], at) => {
      const path = await inclusionProof(nodesAt(size), n, size);
      const leaf = leaves[n] ?? other;
      const head = headOf(size);
      notIncluded(other, n, path, head);
      notIncluded(leaf, size, path, head);
      notIncluded(leaf, -1, path, head);
      notIncluded(leaf, n, [...path, other], head);
      notIncluded(leaf, n, path, { ...head, root: other });
      if (path.length === 0) return;
      notIncluded(leaf, n, path.slice(1), head);
      notIncluded(leaf, n, path.with(at % path.length, other), head);
      notIncluded(leaf, (n + 1) % size, path, head);
    }),
    { numRuns: 60 },
  );
});

it('does not take a consistency proof between trees that are no beginning of each other', async () => {
  const other = Buffer.alloc(32, 7);
  await fc.assert(
    fc.asyncProperty(pairs, fc.nat(), async ([older, newer], at) => {
      const proof = await consistencyProof(nodesAt(newer), older, newer);
      const [was, is] = [headOf(older), headOf(newer)];
      notConsistent(was, { ...is, root: other }, older === 0 ? [other] : proof);
      notConsistent({ ...was, root: other }, is, proof);
      notConsistent(was, is, [...proof, other]);
      notConsistent(is, was, proof);
      if (proof.length === 0) return;
      notConsistent(was, is, proof.slice(1));
      notConsistent(was, is, proof.slice(0, -1));
      notConsistent(was, is, proof.with(at % proof.length, other));
    }),
    { numRuns: 60 },
  );
});

it('says which leaf or size cannot be asked for', async () => {
  await expect(inclusionProof(nodesAt(3), 3, 3)).rejects.toThrow('a tree of 3 leaves has no leaf 3');
  await expect(consistencyProof(nodesAt(3), 4, 3)).rejects.toThrow('not older');
});
