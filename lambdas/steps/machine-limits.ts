const HOUR = 3_600;

/**
 * Longest execution of a machine, in seconds, by the kind of run it performs. The longest overlap a policy may ask for
 * is seven days; the rounds of a revocation take minutes; a bulk revocation waits for as many of those as there are.
 */
export const machineLimitSeconds: Readonly<
  Partial<Record<string, number>> & Record<'rotation' | 'revocation' | 'bulk' | 'settle' | 'sweep', number>
> = {
  rotation: 8 * 24 * HOUR,
  revocation: 2 * HOUR,
  bulk: 48 * HOUR,
  settle: 2 * HOUR,
  sweep: HOUR,
};
