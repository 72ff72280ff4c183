/** A known-bad change to the product, and the test that must notice it. */
export interface Mutant {
  /** What the product no longer does. */
  readonly name: string;
  readonly file: string;
  /** Text that stands in the file exactly once. */
  readonly replace: string;
  readonly by: string;
  readonly caughtBy: {
    readonly file: string;
    /** Part of the test's full name, as `jest -t` takes it. */
    readonly test: string;
  };
}

/** The slice of the fault matrix; its tests are named by what they hold. */
export const matrix = (test: string): Mutant['caughtBy'] => ({ file: 'test/fault/matrix.test.ts', test });
