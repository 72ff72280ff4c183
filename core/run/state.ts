import * as z from 'zod/mini';

const head = {
  seq: z.int().check(z.nonnegative()),
  prev: z.string(),
  proofSeq: z.int().check(z.nonnegative()),
  proofPrev: z.string(),
};

/**
 * What a state machine carries between steps: ids and chain heads, never material (docs/architecture). Bounded well
 * below 4 KB. `superseded` is the version to be refused; `candidate` the one that has to work.
 */
export const runState = z.strictObject({
  runId: z.string().check(z.maxLength(96)),
  kind: z.enum(['rotation', 'revocation', 'settle', 'bulk']),
  identityId: z.string(),
  /** `<connector kind>/<network>`: which mutator and prober act. */
  route: z.string(),
  network: z.string(),
  fence: z.int(),
  ...head,
  approval: z.enum(['never', 'required']),
  overlapSeconds: z.int(),
  requestedAt: z.string(),
  actor: z.object({
    type: z.enum(['schedule', 'person', 'settle', 'breakGlass']),
    id: z.string().check(z.maxLength(128)),
    assurance: z.enum(['verified', 'claimed', 'none']),
  }),
  about: z.nullable(z.string()),
  candidate: z.nullable(z.string()),
  superseded: z.nullable(z.string()),
  /** What the target calls the versions this run has read, by version id; names, as in evidence. */
  remoteIds: z.optional(z.record(z.string(), z.string())),
  /** Target clock after which no session of the superseded version can have started (oneActive kinds). */
  cut: z.nullable(z.string()),
  /** Target clock before which sessions belong to a version that is to stay (undo of oneActive kinds). */
  cutFrom: z.nullable(z.string()),
  /** When the candidate was last proven accepted, epoch ms. */
  confirmedAt: z.nullable(z.int()),
  /** Which way a run that Settle took over goes on; null while the run's own execution drives it. */
  direction: z.nullable(z.enum(['undo', 'pay', 'contain', 'close'])),
  /** Before this time (ISO 8601) a worker of a run that was preempted may still be acting; refusals count after it. */
  notBefore: z.nullable(z.string()),
  /** How often a revocation has contained, from 1: a credential that is still accepted is contained once more. */
  round: z.int(),
  /** Name of the execution that issues a new credential after a revocation; null when none is wanted. */
  reissue: z.nullable(z.string()),
});

export type RunState = z.infer<typeof runState>;
