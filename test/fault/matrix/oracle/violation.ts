/** What must hold once nothing is left to do, and during a rotation at every moment that was looked at. */
export const conditions = {
  1: 'the current credential is accepted, and somebody is at every moment',
  2: 'green means that every superseded credential is refused and no old session lives',
  3: 'every effect has an intent before it, every intent an outcome',
  4: 'every chain verifies and has one end',
  5: 'no secret is anywhere but in the vault and at the target',
  6: 'nothing is left over: at the target, in the vault, in the registry',
  7: 'one effect for each token',
} as const;

/** One condition that does not hold, in a sentence. */
export interface Violation {
  readonly condition: keyof typeof conditions;
  readonly what: string;
}
