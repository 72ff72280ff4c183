import type * as Checkpoints from '../../../core/ledger/checkpoint';
import type * as Leaves from '../../../core/ledger/verify-leaves';
import type * as Links from '../../../core/ledger/verify-checkpoints';
import type * as Bundles from '../../support/ledger-bundle';
import type * as Tampering from '../../support/tampering';

// Verifiers that leave one thing out. Each claim below is what the real one holds and its mutant does not: a claim that
// its mutant held too would be worth nothing.

const paths = {
  checkpoint: '../../../core/ledger/checkpoint',
  leaves: '../../../core/ledger/verify-leaves',
  links: '../../../core/ledger/verify-checkpoints',
  runs: '../../../core/ledger/verify-runs',
} as const;

interface Rig {
  readonly bundles: typeof Bundles;
  readonly tampering: typeof Tampering;
}

type Claim = (rig: Rig) => Promise<'verified' | 'broken'>;

async function ledger({ bundles }: Rig) {
  return bundles.audited(bundles.rotationGroups(3, 2), { kind: 'ledger' });
}

const claims: Readonly<Record<string, { readonly claim: Claim; readonly mutate: () => void }>> = {
  'hashes every stored body again, not roots only (codenotary/immudb#2063)': {
    claim: async (rig) => {
      const { bundle, trusted } = await ledger(rig);
      const edited = rig.tampering.operators['flip']?.(bundle, 20) ?? bundle;
      return (await rig.bundles.verifyFiles(edited, trusted)).state;
    },
    mutate: () => {
      const actual = jest.requireActual<typeof Leaves>(paths.leaves);
      const rootsOnly: typeof Leaves.takeLeaves = (into, object, list) =>
        actual.takeLeaves({ ...into, wanted: new Set() }, object, list, []);
      jest.doMock(paths.leaves, () => ({ ...actual, takeLeaves: rootsOnly }));
    },
  },
  'follows every link, those in the middle too (GHSA-672p-m5jq-mrh8)': {
    claim: async (rig) => {
      const { bundle, trusted } = await ledger(rig);
      const bare = { ...trusted, copies: [], witness: undefined };
      return (await rig.bundles.verifyFiles(rig.tampering.unlinked(bundle, 1, trusted), bare)).state;
    },
    mutate: () => {
      const actual = jest.requireActual<typeof Links>(paths.links);
      const skipping: typeof Links.followingCheckpoint = async (objects, pinned, size) => {
        const { openCheckpoint, checkpointKey } = jest.requireActual<typeof Checkpoints>(paths.checkpoint);
        const bytes = (await objects.get(checkpointKey(size))) ?? new Uint8Array();
        const check = openCheckpoint(bytes, pinned);
        if (check.state === 'invalid') throw new Error(check.found);
        return { ...check, bytes };
      };
      jest.doMock(paths.links, () => ({ ...actual, followingCheckpoint: skipping }));
    },
  },
  'takes the origin from its caller, never from the data (CVE-2022-39199)': {
    claim: async (rig) => {
      const { bundle, trusted } = await ledger(rig);
      const bare = { ...trusted, copies: [], witness: undefined, origin: 'another-ledger' };
      return (await rig.bundles.verifyFiles(bundle, bare)).state;
    },
    mutate: () => {
      const actual = jest.requireActual<typeof Checkpoints>(paths.checkpoint);
      const { RunBook } = jest.requireActual<{ RunBook: new (origin: string) => object }>(paths.runs);
      const trusting: typeof Checkpoints.openCheckpoint = (bytes, pinned) => {
        const said = /"origin":"([^"]*)"/.exec(Buffer.from(bytes).toString())?.[1] ?? '';
        return actual.openCheckpoint(bytes, { ...pinned, origin: said });
      };
      jest.doMock(paths.checkpoint, () => ({ ...actual, openCheckpoint: trusting }));
      class Trusting extends RunBook {
        constructor() {
          super('ledger-1');
        }
      }
      jest.doMock(paths.runs, () => ({ RunBook: Trusting }));
    },
  },
};

/** Everything loaded afresh, so that what was mutated before is what it is built on. */
function rig(): Rig {
  return {
    bundles: jest.requireActual<typeof Bundles>('../../support/ledger-bundle'),
    tampering: jest.requireActual<typeof Tampering>('../../support/tampering'),
  };
}

describe.each(Object.entries(claims))('%s', (_name, { claim, mutate }) => {
  beforeEach(() => {
    jest.resetModules();
  });
  afterEach(() => {
    for (const path of Object.values(paths)) jest.dontMock(path);
  });

  it('holds for the verifier', async () => {
    expect(await claim(rig())).toBe('broken');
  });

  it('fails for the mutant that leaves it out', async () => {
    mutate();
    expect(await claim(rig())).toBe('verified');
  });
});
