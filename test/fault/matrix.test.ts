import { boundaries } from './matrix/boundaries';
import { caseNamed, faultsAt, kinds, type Fault } from './matrix/fault';
import { pairs, shareOf, singles, type Planned } from './matrix/plan';
import { modelWorld } from './matrix/targets/model';
import { runTrial, type Result } from './matrix/trial';
import type { World } from './matrix/world';

// A short slice of `npm run fault`, on the model; the whole matrix runs there, on real targets too.

let world: World;
let faults: readonly Fault[];
let count = 0;

beforeAll(async () => {
  world = await modelWorld();
  faults = faultsAt(await boundaries());
}, 240_000);

async function perform(planned: readonly Planned[]): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const { strategy, trial } of planned) {
    count += 1;
    results.push(await runTrial(world, strategy, trial, `slice-${count}`));
  }
  return results;
}

/** The cases of these names, on both strategies. */
function named(names: readonly string[]): readonly Planned[] {
  const cases = names.map((name) => caseNamed(name, faults));
  return world.strategies.flatMap((strategy) => cases.map((trial) => ({ strategy, trial })));
}

function violationsIn(results: readonly Result[]): readonly string[] {
  return results.flatMap(({ name, strategy, violations }) =>
    violations.map(({ condition, what }) => `${strategy} ${name}: condition ${condition}: ${what}`),
  );
}

describe('the fault matrix', () => {
  it('is every task state of both machines, met by each of ten faults with one, two and three deliveries', () => {
    const states = new Set(faults.map(({ machine, state }) => `${machine}/${state}`));
    expect(faults.length).toBe(states.size * 10 * 3);
    expect([...states]).toEqual(
      expect.arrayContaining([
        'Rotation/Mint',
        'Rotation/Undo',
        'Revocation/Contain',
        'Revocation/CloseFailed',
      ]),
    );
  });

  it('holds on the model, for a slice with every state and every kind', async () => {
    const slice = shareOf(singles(faults, world.strategies), 5, 17);
    expect(new Set(slice.map(({ trial }) => trial.faults[0]?.kind)).size).toBe(kinds.length);
    const results = await perform(slice);
    expect(violationsIn(results)).toEqual([]);
    expect(results.filter(({ met }) => met === 'all').length).toBeGreaterThan(slice.length * 0.9);
  }, 120_000);

  it('holds on the model for some pairs of faults', async () => {
    expect(violationsIn(await perform(pairs(faults, world.strategies, 30, 7)))).toEqual([]);
  }, 120_000);
});

describe('a run with faults', () => {
  const forward = [
    'Open',
    'Mint',
    'ProveNew',
    'Promote',
    'Distribute',
    'ConfirmNew',
    'Retire',
    'ProveOld',
    'Remove',
    'Close',
  ];
  it.each(['dies-before-effect', 'dies-after-effect', 'times-out-landed'])(
    'ends verified all the same when a worker of it %s, at whichever state',
    async (kind) => {
      const rotations = forward.map((state) => `Rotation/${state}.${kind}.1`);
      const revocations = ['Contain', 'ProveRefused', 'Remove', 'Close'].map(
        (state) => `Revocation/${state}.${kind}.1`,
      );
      const results = await perform(named([...rotations, ...revocations]));
      expect(violationsIn(results)).toEqual([]);
      expect(results.filter(({ outcome }) => outcome !== 'verified').map(({ name }) => name)).toEqual([]);
    },
    120_000,
  );

  it('leaves nothing behind when a late delivery of a step comes after the run has closed', async () => {
    const late = ['Contain', 'Remove', 'ProveRefused'].map((state) => `Revocation/${state}.twice-later.2`);
    expect(violationsIn(await perform(named([...late, 'Rotation/Mint.twice-later.2'])))).toEqual([]);
  }, 120_000);

  it('puts the old credential back in force although the labels it reads are old', async () => {
    expect(violationsIn(await perform(named(['Rotation/PromoteBack.unsure-read.1'])))).toEqual([]);
  }, 120_000);

  it('stays owed where the target refuses for good, until Settle has seen it dead', async () => {
    const states = ['Mint', 'Promote', 'Retire', 'ProveOld', 'Reinstate', 'Undo'];
    const refused = states.map((state) => `Rotation/${state}.refused-for-good.1`);
    expect(violationsIn(await perform(named(refused)))).toEqual([]);
  }, 120_000);

  it('is not disturbed by a second worker of the same step', async () => {
    const twice = ['Mint', 'Promote', 'Retire', 'Remove'].map((state) => `Rotation/${state}.twice-at-once.2`);
    expect(violationsIn(await perform(named([...twice, 'Revocation/Contain.twice-at-once.2'])))).toEqual([]);
  }, 120_000);

  it('holds on the way back of a candidate that was never promoted, for every state there and every kind but one', async () => {
    const back = [
      ...new Set(
        faults
          .filter(({ machine, way }) => machine === 'Rotation' && way === 'back')
          .map(({ state }) => state),
      ),
    ];
    const cases = back
      .flatMap((state) => kinds.map((kind) => `${state}.${kind}.1`))
      // A store that refuses this for good keeps the label, until the next rotation moves it: workflow/labels-by-hand.
      .filter((fault) => fault !== 'PromoteBack.refused-for-good.1')
      .map((fault) => `Rotation/ProveNew.refused-for-good.1+${fault}`);
    const results = await perform(named(cases));
    expect(violationsIn(results)).toEqual([]);
    expect(results.filter(({ met }) => met === 'all').length).toBeGreaterThan(results.length * 0.9);
  }, 120_000);

  it('leaves no pending version when the way back ends between its two moves and is then refused for good', async () => {
    const both = ['Rotation/PromoteBack.times-out-landed.2+PromoteBack.refused-for-good.1'];
    expect(violationsIn(await perform(named(both)))).toEqual([]);
  }, 120_000);
});
