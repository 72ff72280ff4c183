import * as z from 'zod/mini';

/** Kinds of run as records and rows hold them. */
export const runKind = z.enum([
  'rotation',
  'revocation',
  'settle',
  'approval',
  'breach',
  'review',
  'recheck',
  'bulk',
  'confirmation',
]);
/** The kinds of run; everything owed after a run lives on in runs of their own that name it in `about`. */
export type RunKind = z.infer<typeof runKind>;

export const outcomes = [
  'verified',
  'rolled-back',
  'revoke-pending',
  'inconclusive',
  'refused',
  'not-approved',
  'fenced',
  'aborted',
  'recorded',
] as const;
/**
 * How a run ended. Only `verified` is green, and never with an inconclusive proof in it. `recorded` ends a run that only
 * keeps what a person decided.
 */
export type Outcome = (typeof outcomes)[number];
