import { mutants } from '../mutants/mutants';
import { staleness } from '../mutants/text';

describe('the known-bad changes', () => {
  it('are at least twenty, each with a name of its own', () => {
    expect(mutants.length).toBeGreaterThanOrEqual(20);
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
  });

  it.each(mutants.map((mutant) => [mutant.name, mutant] as const))(
    'can still be made, and there is the test that notices: %s',
    (_name, mutant) => {
      expect(staleness(mutant)).toBeUndefined();
    },
  );
});
