import {
  GENESIS,
  headAfter,
  leafHash,
  seal,
  tokenOf,
  type Head,
  type Sealable,
} from '../../core/evidence/chain';
import {
  parseRecord,
  type Actor,
  type Chain,
  type ConsumerObserved,
  type EvidenceRecord,
  type Statement,
} from '../../core/evidence/record';
import type { Facts } from '../../core/run/facts';

// Chains made by hand, for tests of what is read from them.

type Said<T extends Statement['type']> = Extract<Statement, { type: T }>;

/** One record to be: the stage that says it, what it says and, unless it is START, when. */
export interface Entry {
  readonly stage: string;
  readonly statement: Statement;
  readonly at?: string;
}

export const RUN_ID = 'run-1';
export const LEDGER_ID = 'ledger-1';
export const START = '2026-03-01T00:00:00.000Z';

/** START and so many seconds. */
export function after(seconds: number): string {
  return new Date(Date.parse(START) + seconds * 1_000).toISOString();
}

/** What every record of a chain says, where it is something else than by default. */
export interface Of {
  readonly runId?: string;
  readonly controls?: readonly string[];
  readonly ledgerId?: string;
  readonly actor?: Actor;
}

const tester: Actor = { type: 'person', id: 'tester', assurance: 'claimed' };

/**
 * Seals entries into a chain; `ledgers` names the ledger of single records that are not of the ledger LEDGER_ID, and
 * `of` what all of them say.
 */
export function chainOf(
  chain: Chain,
  entries: readonly Entry[],
  ledgers: Readonly<Record<number, string>> = {},
  of: Of = {},
): readonly Sealable[] {
  const { runId = RUN_ID, controls = [], ledgerId = LEDGER_ID, actor = tester } = of;
  let head: Head = GENESIS;
  return entries.map(({ stage, statement, at = START }) => {
    const stamp = {
      ledgerId: ledgers[head.seq] ?? ledgerId,
      runId,
      fence: 1,
      stage,
      actor,
      controls,
      code: { functionName: 'test', version: '1', bundle: 'none' },
    };
    const { sealed } = seal(stamp, chain, head, tokenOf(runId, stage, `${head.seq}`), at, statement);
    head = headAfter(sealed);
    return sealed;
  });
}

/** What `closing` is told about two chains. */
export function factsOf(run: readonly Sealable[], proof: readonly Sealable[]): Facts {
  const last = proof.at(-1);
  const head = last ? headAfter(last) : GENESIS;
  return { run: read(run), proof: read(proof), heads: { proofSeq: head.seq, proofPrev: head.prev } };
}

function read(chain: readonly Sealable[]): readonly EvidenceRecord[] {
  return chain.map(({ body }) => parseRecord(body));
}

/** The record with other bytes under its old hash. */
export function flipped(record: Sealable): Sealable {
  return { ...record, body: record.body.replace('"fence":1', '"fence":2') };
}

/** The record with other bytes and a hash that fits them. */
export function rehashed(record: Sealable): Sealable {
  const { body } = flipped(record);
  return { ...record, body, hash: leafHash(body) };
}

export function opened(change: Partial<Said<'RunOpened'>> = {}): Entry {
  const identity = {
    id: 'orders-db',
    aliases: [],
    kind: 'postgres-role',
    strategy: 'in-place',
    owner: 'payments',
  };
  const statement: Said<'RunOpened'> = {
    type: 'RunOpened',
    kind: 'rotation',
    identity: { ...identity, team: null, environment: null, platform: null, site: null },
    trigger: 'schedule',
    reason: null,
    slot: START,
    attempt: 0,
    requestedAt: START,
    dueAt: START,
    deadline: null,
    policy: { id: 'orders-db', revision: 'revision-1', sha256: '0'.repeat(64) },
    stages: ['Open', 'Mint'],
    concurrentRuns: null,
    about: null,
    ...change,
  };
  return { stage: 'Open', statement };
}

/** A stage that is about to replace the version `old` by the version `new`. */
export function intended(stage: string): Entry {
  const statement = { change: stage.toLowerCase(), versionId: 'new', supersededId: 'old' };
  return { stage, statement: { type: 'ChangeIntended', ...statement } };
}

export function made(stage: string, at: string, change: Partial<Said<'ChangeMade'>> = {}): Entry {
  const statement: Said<'ChangeMade'> = {
    type: 'ChangeMade',
    effect: 'applied',
    versionId: 'new',
    remoteId: 'orders_app',
    supersededId: 'old',
    requestId: null,
    cut: null,
    fingerprint: null,
    sessions: null,
    consumers: [],
    detail: null,
    ...change,
  };
  return { stage, at, statement };
}

/** A proof that a version is accepted, or refused since `firstStableRefusalAt` with no session left. */
export function judged(
  stage: string,
  change: Partial<Said<'Judged'>> & Pick<Said<'Judged'>, 'versionId'>,
): Entry {
  const claim = stage === 'ConfirmNew' ? 'accepted' : 'refused';
  const sessions = { versionId: change.versionId ?? '', before: 1, after: 0, countedBy: 'the target' };
  const statement: Said<'Judged'> = {
    type: 'Judged',
    finding: 'proven',
    claim,
    cause: null,
    observed: [],
    rule: { refusals: 3, windowMs: 0, paths: ['direct'] },
    lastAcceptedAt: null,
    firstStableRefusalAt: claim === 'refused' ? START : null,
    sessions: claim === 'refused' ? { ...sessions, method: 'counted' } : null,
    sessionsZeroAt: null,
    consumers: [],
    ...change,
  };
  return { stage, statement };
}

/** A consumer on the new version that says how many of its calls failed. */
export function consumer(id: string, failedCalls: number | null): ConsumerObserved {
  return { consumer: id, observer: 'http', versionId: null, state: 'onNew', failedCalls, cause: null };
}
