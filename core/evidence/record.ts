import * as z from 'zod/mini';
import { count, level, sentence, text, time } from './fields';
import { census, selection } from './of-many';
import { outcomes, runKind } from './run-kinds';

export type { Outcome, RunKind } from './run-kinds';

/**
 * Evidence records, version 1 (docs/evidence.md). A record is what an auditor receives; it cannot be backfilled, so
 * version 1 already holds what later reports need. Times are for people; order comes from `seq`.
 */
export const RECORD_VERSION = 1;

/** A record's canonical body never exceeds this many bytes (AWS item limit is 400 KB; ours keeps reads cheap). */
export const RECORD_BYTES = 8 * 1024;

// One schema of each, however often it is used: every function makes all of them when it is loaded.
const nullable = z.nullable;
const textOrNull = nullable(text);
const sentenceOrNull = nullable(sentence);
const timeOrNull = nullable(time);
const countOrNull = nullable(count);
const texts = z.array(text);

const actor = z.object({
  type: z.enum(['schedule', 'person', 'settle', 'breakGlass']),
  id: text,
  assurance: z.enum(['verified', 'claimed', 'none']),
});
/** Who caused the run, and whether that was verified or only claimed. */
export type Actor = z.infer<typeof actor>;

const verdict = z.discriminatedUnion('state', [
  z.object({ state: z.literal('accepted') }),
  z.object({ state: z.literal('refused'), signal: text }),
  z.object({ state: z.literal('inconclusive'), cause: sentence }),
]);

const observed = z.object({
  path: text,
  operation: z.enum(['old', 'new', 'control', 'random']),
  versionId: textOrNull,
  verdict,
  rawCode: text,
  latencyMs: z.number(),
  attempts: count,
  firstAt: time,
  lastAt: time,
});
/** One credential on one path, over all attempts of a proving stage: the newest verdict, with first and last time. */
export type Observed = z.infer<typeof observed>;

const sessionsCounted = z.object({
  versionId: text,
  before: countOrNull,
  after: countOrNull,
  countedBy: text,
  method: z.enum(['counted', 'none', 'bounded', 'unknown']),
});
export type SessionsCounted = z.infer<typeof sessionsCounted>;
const sessionsOrNull = nullable(sessionsCounted);

const consumerObserved = z.object({
  consumer: text,
  observer: text,
  versionId: textOrNull,
  /** `withoutAccess`: after a revocation, still on a version that is proven dead. */
  state: z.enum(['onNew', 'onOld', 'withoutAccess', 'unknown']),
  failedCalls: countOrNull,
  cause: sentenceOrNull,
});
export type ConsumerObserved = z.infer<typeof consumerObserved>;
const consumersObserved = z.array(consumerObserved);

const common = {
  v: z.literal(RECORD_VERSION),
  ledgerId: text,
  runId: text,
  chain: z.enum(['RUN', 'PROOF']),
  seq: count,
  prev: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  fence: count,
  stage: text,
  token: text,
  actor,
  controls: texts,
  code: z.object({ functionName: text, version: text, bundle: text }),
  at: time,
};

/** Whom a bulk run was asked to revoke, frozen before the first of them is touched. */
export type Selection = z.infer<typeof selection>;
/** What became of everybody a bulk run was asked for: done + failed + skipped + unknown = asked. */
export type Census = z.infer<typeof census>;

const degraded = z.object({
  code: z.literal('EVIDENCE_DEGRADED'),
  /** Records of the run that were kept in the spill and arrived in the table later, this one included where it was. */
  spilled: count,
});
/** Says that evidence arrived later than it was made. */
export type Degraded = z.infer<typeof degraded>;

const runOpened = z.object({
  ...common,
  type: z.literal('RunOpened'),
  kind: runKind,
  identity: z.object({
    id: text,
    aliases: texts,
    kind: text,
    strategy: text,
    owner: text,
    team: textOrNull,
    environment: textOrNull,
    platform: textOrNull,
    site: textOrNull,
  }),
  trigger: text,
  reason: sentenceOrNull,
  slot: timeOrNull,
  attempt: count,
  requestedAt: time,
  dueAt: timeOrNull,
  deadline: timeOrNull,
  policy: z.object({ id: text, revision: text, sha256: text }),
  stages: texts,
  /** Runs the same sweep started with this one; null when it was started alone. */
  concurrentRuns: countOrNull,
  about: textOrNull,
  /** Of runs of kind `bulk`. */
  selection: z.exactOptional(selection),
});

const changeIntended = z.object({
  ...common,
  type: z.literal('ChangeIntended'),
  change: text,
  versionId: textOrNull,
  supersededId: textOrNull,
});

const changeMade = z.object({
  ...common,
  type: z.literal('ChangeMade'),
  effect: z.enum(['applied', 'alreadySo', 'notApplicable', 'deferred', 'recovered', 'none', 'unknown']),
  versionId: textOrNull,
  remoteId: textOrNull,
  supersededId: textOrNull,
  requestId: textOrNull,
  cut: textOrNull,
  fingerprint: textOrNull,
  sessions: sessionsOrNull,
  consumers: consumersObserved,
  detail: sentenceOrNull,
});

const judged = z.object({
  ...common,
  type: z.literal('Judged'),
  versionId: textOrNull,
  finding: z.enum(['proven', 'disproven', 'inconclusive']),
  /** `contained`: read back from the control plane, for a credential that nobody holds and so cannot be presented. */
  claim: z.enum(['accepted', 'refused', 'contained']),
  cause: sentenceOrNull,
  observed: z.array(observed),
  rule: z.object({ refusals: count, windowMs: z.number(), paths: texts }),
  lastAcceptedAt: timeOrNull,
  firstStableRefusalAt: timeOrNull,
  sessions: sessionsOrNull,
  sessionsZeroAt: timeOrNull,
  consumers: consumersObserved,
});

const approvalDecided = z.object({
  ...common,
  type: z.literal('ApprovalDecided'),
  /** `refused`: the attempt to decide was turned away; `reviewed`: a broken glass was looked at afterwards. */
  decision: z.enum(['approved', 'denied', 'expired', 'breakGlass', 'refused', 'reviewed']),
  requester: actor,
  approver: nullable(actor),
  requestSha256: text,
  /** The approver's reason, or why the attempt was refused. */
  cause: sentenceOrNull,
});

const requesterConfirmed = z.object({
  ...common,
  type: z.literal('RequesterConfirmed'),
  /** Who started the execution of the run that this one is about, by the account's API log. */
  requester: actor,
  principalArn: text,
  /** Who the run itself says it was. */
  claimed: actor,
  executionArn: text,
  /** Of the event in the log, and the time of the call. */
  eventId: text,
  eventTime: time,
  /** Of the execution's input, canonical JSON; null where the log does not show it. */
  inputSha256: textOrNull,
});

const breached = z.object({
  ...common,
  type: z.literal('Breached'),
  obligation: text,
  deadline: time,
});

const runClosed = z.object({
  ...common,
  type: z.literal('RunClosed'),
  outcome: z.enum(outcomes),
  level,
  credentials: z.array(z.object({ versionId: text, level, probeable: z.enum(['yes', 'unprobeable']) })),
  stagesRun: texts,
  skipped: z.array(z.object({ stage: text, why: sentence })),
  causeCode: textOrNull,
  cause: sentenceOrNull,
  exposureSeconds: nullable(z.number()),
  unavailableSeconds: nullable(z.number()),
  requestedAt: time,
  containedAt: timeOrNull,
  lastAcceptedAt: timeOrNull,
  firstStableRefusalAt: timeOrNull,
  sessionsZeroAt: timeOrNull,
  /** `open`: no refusal is proven yet; a deadline that passes like that is recorded by a run of kind `breach`. */
  deadline: z.enum(['kept', 'broken', 'open', 'none']),
  /** Null where nobody counts them. */
  manualSteps: countOrNull,
  consumerFailures: countOrNull,
  throttles: countOrNull,
  owes: texts,
  /** Of runs of kind `bulk` that got as far as counting. */
  census: z.exactOptional(census),
  /** Of an emergency whose records could not all be written when they were made. */
  degraded: z.exactOptional(degraded),
  proofHead: z.object({ seq: count, hash: text }),
});

export const evidenceRecord = z.discriminatedUnion('type', [
  runOpened,
  changeIntended,
  changeMade,
  judged,
  approvalDecided,
  requesterConfirmed,
  breached,
  runClosed,
]);

/** One evidence record. RUN chains hold everything but `Judged`; PROOF chains hold `Judged` only. */
export type EvidenceRecord = z.infer<typeof evidenceRecord>;
export type RecordOf<T extends EvidenceRecord['type']> = Extract<EvidenceRecord, { type: T }>;
export type Chain = EvidenceRecord['chain'];

type Common = keyof typeof common;
/** What a step says; the chain adds the rest. */
export type Statement = {
  [T in EvidenceRecord['type']]: Omit<RecordOf<T>, Common>;
}[EvidenceRecord['type']];

/** Reads a stored body. Throws when the body is no record of version 1. */
export function parseRecord(body: string): EvidenceRecord {
  return evidenceRecord.parse(JSON.parse(body));
}
