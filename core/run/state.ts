import * as z from 'zod/mini';

// One schema of each, however often it is used: every step makes all of them when it is loaded.
const text = z.string();
const textOrNull = z.nullable(text);
const whole = z.int();
const position = whole.check(z.nonnegative());

const head = {
  seq: position,
  prev: text,
  proofSeq: position,
  proofPrev: text,
};

/**
 * What a state machine carries between steps: ids and chain heads, never material (docs/architecture). Bounded well
 * below 4 KB. `superseded` is the version to be refused; `candidate` the one that has to work.
 */
export const runState = z.strictObject({
  runId: z.string().check(z.maxLength(96)),
  kind: z.enum(['rotation', 'revocation', 'settle', 'bulk']),
  identityId: text,
  /** `<connector kind>/<network>`: which mutator and prober act. */
  route: text,
  network: text,
  fence: whole,
  ...head,
  approval: z.enum(['never', 'required']),
  overlapSeconds: whole,
  requestedAt: text,
  actor: z.object({
    type: z.enum(['schedule', 'person', 'settle', 'breakGlass']),
    id: z.string().check(z.maxLength(128)),
    assurance: z.enum(['verified', 'claimed', 'none']),
  }),
  about: textOrNull,
  candidate: textOrNull,
  superseded: textOrNull,
  /** What the target calls the versions this run has read, by version id; names, as in evidence. */
  remoteIds: z.optional(z.record(text, text)),
  /** Target clock after which no session of the superseded version can have started (oneActive kinds). */
  cut: textOrNull,
  /** Target clock before which sessions belong to a version that is to stay (undo of oneActive kinds). */
  cutFrom: textOrNull,
  /** When the candidate was last proven accepted, epoch ms. */
  confirmedAt: z.nullable(whole),
  /** Which way a run that Settle took over goes on; null while the run's own execution drives it. */
  direction: z.nullable(z.enum(['undo', 'pay', 'contain', 'close'])),
  /** Before this time (ISO 8601) a worker of a run that was preempted may still be acting; refusals count after it. */
  notBefore: textOrNull,
  /** How often a revocation has contained, from 1: a credential that is still accepted is contained once more. */
  round: whole,
  /** Name of the execution that issues a new credential after a revocation; null when none is wanted. */
  reissue: textOrNull,
});

export type RunState = z.infer<typeof runState>;
