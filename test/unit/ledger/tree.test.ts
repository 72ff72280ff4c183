import * as fc from 'fast-check';
import { createHash } from 'node:crypto';
import { readTile } from '../../../core/ledger/nodes';
import { partialPlaces } from '../../../core/ledger/tile';
import { Tree } from '../../../core/ledger/tree';
import { leavesOf, merkleRoot, tiled } from '../../support/merkle';

/** The 8 leaves and roots that Certificate Transparency logs test against (google/certificate-transparency, merkle_tree_test). */
const vectors: readonly (readonly [string, string])[] = [
  ['', '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
  ['00', 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
  ['10', 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77'],
  ['2021', 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7'],
  ['3031', '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4'],
  ['40414243', '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef'],
  ['5051525354555657', 'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c'],
  ['606162636465666768696a6b6c6d6e6f', '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'],
];

it('has the published root at each of the 8 published leaves, and that of nothing before them', () => {
  const tree = new Tree();
  expect(tree.root()).toBe(createHash('sha256').digest('hex'));
  for (const [leaf, root] of vectors) {
    tree.append(createHash('sha256').update(Buffer.of(0)).update(Buffer.from(leaf, 'hex')).digest('hex'));
    expect(tree.root()).toBe(root);
  }
});

it('has the root of RFC 6962 at every size up to 600, over a tile boundary', () => {
  const leaves = leavesOf(600);
  const tree = new Tree();
  for (const [n, leaf] of leaves.entries()) {
    tree.append(leaf.toString('hex'));
    expect(tree.root()).toBe(merkleRoot(leaves.slice(0, n + 1)).toString('hex'));
  }
});

it('goes on from its stored tiles at any size as if it had never stopped', async () => {
  const leaves = leavesOf(66_000);
  const sizes = fc.oneof(
    fc.integer({ min: 0, max: 1_100 }),
    fc.constantFrom(255, 256, 257, 65_535, 65_536, 65_537, 65_791, 65_792),
  );
  await fc.assert(
    fc.asyncProperty(sizes, fc.integer({ min: 0, max: 200 }), async (size, more) => {
      const { tiles } = tiled(leaves.slice(0, size));
      const edges: (readonly string[])[] = [];
      for (const place of partialPlaces(size))
        edges[place.level] = await readTile(async (key) => tiles.get(key), place);
      const tree = Tree.resume(size, edges);
      const whole = tiled(leaves.slice(0, size + more));
      for (const leaf of leaves.slice(size, size + more)) tree.append(leaf.toString('hex'));
      expect(tree.size).toBe(size + more);
      expect(tree.root()).toEqual(whole.tree.root());
      expect(tree.partial()).toEqual(whole.tree.partial());
    }),
    { numRuns: 25 },
  );
});

it('hands out each full tile once, and all tiles together hold every leaf in order', () => {
  const leaves = leavesOf(1_000);
  const tree = new Tree();
  const full = leaves.flatMap((leaf) => {
    tree.append(leaf.toString('hex'));
    return tree.takeFull();
  });
  const level0 = [...full, ...tree.partial()].filter(({ level }) => level === 0);
  expect(level0.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
  expect(level0.flatMap(({ hashes }) => hashes)).toEqual(leaves.map((leaf) => leaf.toString('hex')));
  const level1 = tree.partial().find(({ level }) => level === 1);
  expect(level1?.hashes).toEqual(
    [0, 1, 2].map((tile) => merkleRoot(leaves.slice(tile * 256, (tile + 1) * 256)).toString('hex')),
  );
});

it('names a missing tile and a tile of another length', async () => {
  const place = { level: 0, index: 3, width: 2 };
  await expect(readTile(async () => undefined, place)).rejects.toMatchObject({
    name: 'EvidenceConflict',
    message: expect.stringContaining('tile/0/000000000003.p/2'),
  });
  await expect(readTile(async () => Buffer.alloc(63), place)).rejects.toMatchObject({
    message: expect.stringContaining('63 bytes'),
  });
});
