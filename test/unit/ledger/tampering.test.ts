import type { LedgerCheck } from '../../../core/ledger/verify';
import type { LedgerBreak } from '../../../core/ledger/verify-source';
import { audited, rotationGroups, verifyFiles, type Audited } from '../../support/ledger-bundle';
import {
  forked,
  lastSize,
  operators,
  resealed,
  rolledBack,
  segmentsOf,
  swapped,
} from '../../support/tampering';

// 4 checkpoints over 360 leaves: two tiles of leaves, and what stands above them.
let ledger: Audited;
beforeAll(async () => {
  ledger = await audited(rotationGroups(4, 6), { kind: 'ledger' });
});

const POSITIONS = 112;
let tried = 0;
afterAll(() => {
  process.stdout.write(`tampered at ${tried} positions\n`);
  expect(tried).toBeGreaterThanOrEqual(1_000);
});

/** Positions spread over all leaves, the first and the last among them. */
function positions(): readonly number[] {
  const last = lastSize(ledger.bundle) - 1;
  return Array.from({ length: POSITIONS }, (_, n) => Math.round((n * last) / (POSITIONS - 1)));
}

function breakOf(check: LedgerCheck): LedgerBreak {
  if (check.state === 'verified') throw new Error('tampering was not noticed');
  return check.first;
}

/** Where each operator shows first, from the leaf it was used on. */
const shows: Readonly<Record<string, (leaf: number, ends: readonly number[]) => readonly number[]>> = {
  reorder: (leaf, ends) => [ends.includes(leaf + 1) ? leaf - 1 : leaf],
  // A line too many is one that no leaf asks for; within its list it shifts what follows.
  replay: (leaf, ends) => [leaf + 1, ...(ends.includes(leaf + 1) ? [leaf] : [])],
};

it.each(Object.keys(operators).filter((name) => name !== 'edit, hashed again in list and tile'))(
  '%s: noticed at every position, and located to the leaf',
  async (name) => {
    const { bundle, trusted } = ledger;
    const ends = segmentsOf(bundle).map(({ size }) => size);
    for (const leaf of positions()) {
      tried += 1;
      const { position } = breakOf(await verifyFiles(operators[name]?.(bundle, leaf) ?? bundle, trusted));
      const expected = shows[name]?.(leaf, ends) ?? [leaf];
      // A replayed last line makes a file longer than its list: the file is named then.
      if (position.leaf !== undefined) expect(expected).toContain(position.leaf);
      else expect(position.object).toMatch(/^records\//);
    }
  },
);

it('edit, hashed again in list and tile: noticed at every position, no later than at the checkpoint over it', async () => {
  const { bundle, trusted } = ledger;
  const segments = segmentsOf(bundle);
  for (const leaf of positions()) {
    tried += 1;
    const edit = operators['edit, hashed again in list and tile'];
    const { position } = breakOf(await verifyFiles(edit?.(bundle, leaf) ?? bundle, trusted));
    const { list, size } = segments.find((each) => leaf < each.size) ?? { list: { from: 0 }, size: 0 };
    const within = (n: number) => n >= list.from && n < size;
    const atCheckpoint = position.object === `checkpoint/${String(size).padStart(12, '0')}`;
    const atTile = position.object.startsWith('tile/1/');
    expect(atCheckpoint || atTile || within(position.leaf ?? -1)).toBe(true);
  }
});

it('fork by somebody with the signing key: noticed at every position, at the first checkpoint that differs', async () => {
  const { bundle, trusted } = ledger;
  const segments = segmentsOf(bundle);
  const spread = positions().filter((_, n) => n % 4 === 0);
  for (const leaf of spread) {
    tried += 1;
    const { position } = breakOf(await verifyFiles(forked(bundle, leaf), trusted));
    const size = segments.find((each) => leaf < each.size)?.size ?? 0;
    const chained = position.leaf !== undefined && position.leaf > leaf;
    expect(chained || position.object === `checkpoint/${String(size).padStart(12, '0')}`).toBe(true);
  }
});

it('a checkpoint in the place of another: noticed whichever they are, and named', async () => {
  const { bundle, trusted } = ledger;
  const segments = segmentsOf(bundle);
  for (const [at, { size }] of segments.entries()) {
    for (const by of segments.keys()) {
      if (by === at) continue;
      tried += 1;
      const { position } = breakOf(await verifyFiles(swapped(bundle, at, by), trusted));
      expect(position.object).toBe(`checkpoint/${String(size).padStart(12, '0')}`);
    }
  }
});

it('rolled back to an older checkpoint: noticed by whoever has a copy, a countersignature, or saw the newer one', async () => {
  const { bundle, trusted, scene } = ledger;
  const last = segmentsOf(bundle).at(-1)?.size ?? 0;
  const bare = { ...trusted, copies: [], witness: undefined };
  const full = await verifyFiles(bundle, bare);
  const known = full.state === 'verified' ? [{ size: last, root: full.root }] : [];
  const kinds = [
    { ...bare, copies: trusted.copies },
    { ...bare, witness: trusted.witness },
    { ...bare, known },
  ];
  for (const segments of [1, 2, 3]) {
    const back = rolledBack(bundle, segments);
    for (const trust of kinds) {
      tried += 1;
      const { position } = breakOf(await verifyFiles(back, trust));
      expect(position.object).toBe(`checkpoint/${String(last).padStart(12, '0')}`);
    }
    // Whoever knows nothing but the key cannot notice: that is why copies and a witness exist.
    expect(await verifyFiles(back, bare)).toMatchObject({ state: 'verified' });
  }
  expect(scene.pinned.origin).toBe(trusted.origin);
});

it('another origin under the very same key: noticed at the first checkpoint', async () => {
  const { bundle, trusted } = ledger;
  const lists = segmentsOf(bundle).map(({ list }) => list);
  tried += 1;
  const foreign = resealed(bundle, lists, { from: 0, keep: Number.POSITIVE_INFINITY, origin: 'ledger-2' });
  const first = breakOf(await verifyFiles(foreign, trusted));
  expect(first).toMatchObject({ expected: 'origin ledger-1', found: 'origin ledger-2' });
});

it('any sealed object missing or with a byte changed: noticed, and named', async () => {
  const { bundle, trusted } = ledger;
  const keys = [...bundle.keys()].filter((key) => /^(leaves|tile|checkpoint)\//.test(key));
  for (const key of keys) {
    const without = new Map(bundle);
    without.delete(key);
    const bytes = Buffer.from(bundle.get(key) ?? []);
    for (const place of [0, Math.floor(bytes.length / 2), bytes.length - 2]) {
      tried += 1;
      const flipped = Buffer.from(bytes);
      flipped[place] = (flipped[place] ?? 0) ^ 2;
      const { position } = breakOf(await verifyFiles(new Map(bundle).set(key, flipped), trusted));
      expect(position.object).toBe(key);
    }
    tried += 1;
    const { position } = breakOf(await verifyFiles(without, trusted));
    // Without a checkpoint what it covers fits no other, or the right edge is not that of the last one.
    expect(position.object).toMatch(
      key.startsWith('checkpoint/') ? /^(checkpoint|leaves|tile)\// : new RegExp(`^${key}$`),
    );
  }
});
