import * as z from 'zod/mini';
import { action } from '../controls/actions';
import { level } from '../evidence/fields';
import { outcomes, runKind } from '../evidence/run-kinds';
import type { RunFilter } from '../ports/registry';

const text = z.string().check(z.minLength(1), z.maxLength(256));
// Times are compared as text, and only those of one precision compare as they follow on each other.
const time = z.pipe(
  z.iso.datetime(),
  z.transform((given: string) => new Date(given).toISOString()),
);

/** Which runs are meant, as it is asked for over the wire. */
export const runFilter = z.strictObject({
  identityId: z.exactOptional(text),
  owner: z.exactOptional(text),
  control: z.exactOptional(text),
  actor: z.exactOptional(z.string().check(z.minLength(1), z.maxLength(512))),
  glass: z.exactOptional(z.literal('broken')),
  outcome: z.exactOptional(z.enum(['open', ...outcomes])),
  since: z.exactOptional(time),
  until: z.exactOptional(time),
}) satisfies z.ZodMiniType<RunFilter>;

/** A page of them. A page whose chains are read has fewer runs than one of rows. */
export const runQuery = z.extend(runFilter, {
  after: z.exactOptional(
    z.string().check(z.regex(/^\d{4}-\d\d-\d\dT[\d:.]+Z#[\w-]+$/, 'want a cursor that an answer gave')),
  ),
  limit: z.int().check(z.gte(1), z.lte(1_000)),
});

/** At most so many runs are on one page whose chains are read. */
export const CHECKED_AT_ONCE = 100;

/** A run as the index has it. */
const row = z.object({
  runId: z.string(),
  kind: runKind,
  identityId: z.string(),
  owner: z.string(),
  actor: z.string(),
  controls: z.array(z.string()),
  glass: z.optional(z.literal('broken')),
  about: z.optional(z.string()),
  openedAt: z.string(),
  closedAt: z.optional(z.string()),
  outcome: z.enum(['open', ...outcomes]),
  level: z.optional(level),
  cause: z.optional(z.string()),
  /** Of an emergency that went on while the evidence table took no records: whether they have arrived. */
  evidence: z.exactOptional(z.enum(['waiting', 'arrived'])),
});
/** A page of rows; `next` is where the following one begins, null on the last. */
export const rowPage = z.object({ runs: z.array(row), next: z.nullable(z.string()) });
export type RowPage = z.infer<typeof rowPage>;

const review = z.object({
  state: z.enum(['done', 'owed', 'none']),
  /** The run that records it. */
  runId: z.nullable(z.string()),
  deadline: z.nullable(z.string()),
});

const checkedRun = z.extend(row, {
  /** Those of the evidence table and, behind them, those that wait in the spill. */
  records: z.int(),
  /** How many wait in the spill; absent when none do. `unknown`: the row says that some do, and the spill cannot be read. */
  waiting: z.exactOptional(z.union([z.int(), z.literal('unknown')])),
  /** Each record or row that does not hold: which, what was expected, what was found. */
  wrong: z.array(z.string()),
  /** What the run shows, action by action. */
  shows: z.array(z.object({ action, result: z.enum(['satisfied', 'not-satisfied']), because: z.string() })),
  /** Of a run that went on without a second person. */
  review: z.exactOptional(review),
});
/** A run with what its records, read and hashed again, say of it. */
export type CheckedRun = z.infer<typeof checkedRun>;
export const checkedPage = z.object({ runs: z.array(checkedRun), next: z.nullable(z.string()) });
export type CheckedPage = z.infer<typeof checkedPage>;

const counted = z.object({
  state: z.enum(['matches', 'differs']),
  /** Runs that are meant, by their own records; of these so many are under no leaf list yet. */
  ledger: z.int(),
  unsealed: z.int(),
  /** Of the ledger's runs so many have records that wait in the spill. Absent when none do. */
  waiting: z.exactOptional(z.int()),
  /** Runs that the index answers with. */
  index: z.int(),
  wrong: z.array(z.string()),
});
const notTaken = z.object({ state: z.literal('not taken'), why: z.string() });

/** Whether the index has exactly the runs that the ledger has. */
export const census = z.discriminatedUnion('state', [counted, notTaken]);
export type Census = z.infer<typeof census>;

/** The census of a time, as one call takes it; `wholeCensus` makes one of all. */
export const censusPart = z.discriminatedUnion('state', [
  z.extend(counted, {
    /** Size before the first leaf list that was not read, of a period that ended; absent when all were. */
    later: z.exactOptional(z.int()),
  }),
  notTaken,
  /** More runs than one call counts. `at`: ISO 8601, where to divide the time. */
  z.object({ state: z.literal('too many'), at: z.string() }),
]);
export type CensusPart = z.infer<typeof censusPart>;

/** What is asked for of lists that a census has not read. */
export const laterQuery = z.extend(runFilter, { from: z.int().check(z.nonnegative()) });

/** Runs that are meant and were sealed more than an hour after they were opened. */
export const laterAnswer = z.object({
  runs: z.array(
    z.object({
      runId: z.string(),
      openedAt: z.string(),
      /** Size before the list that seals its first record. */
      from: z.int(),
      /** What of it does not hold. */
      wrong: z.exactOptional(z.string()),
    }),
  ),
  /** What could not be read at all, so that nobody can say whether it is meant. */
  wrong: z.array(z.string()),
  /** Where to go on; null at the end. */
  next: z.nullable(z.int()),
});
export type LaterAnswer = z.infer<typeof laterAnswer>;

const lapse = z.object({
  identityId: z.string(),
  owner: z.string(),
  /** The policy's period, such as 30d. */
  every: z.string(),
  /** Newest verified rotation whose chains hold; null when there is none in the window. */
  lastVerifiedAt: z.nullable(z.string()),
  why: z.string(),
});
/** Identities of which no verified rotation is on record within their policy's period. */
export const lapsedAnswer = z.object({
  at: z.string(),
  identities: z.int(),
  /** Those whose policy asks for no rotation. */
  withoutRotation: z.int(),
  lapsed: z.array(lapse),
});
export type LapsedAnswer = z.infer<typeof lapsedAnswer>;
export type Lapse = z.infer<typeof lapse>;
