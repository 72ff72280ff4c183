import { append } from '../../core/evidence/append';
import { GENESIS, type Head } from '../../core/evidence/chain';
import type { Actor, EvidenceRecord, Outcome, RunKind, Statement } from '../../core/evidence/record';
import type { PolicyEntry } from '../../core/policy/document';
import type { IdentityRow } from '../../core/ports/registry';
import { closing } from '../../core/run/closing';
import { finish } from './close/finish';
import { iso, type Deps } from './deps';
import { identityFacts, mustKnow } from './open/run';
import { stampOf, type Stage } from './stamp';

type Ports = Pick<Deps, 'registry' | 'evidence' | 'policies' | 'now' | 'ledgerId' | 'code'>;

/** What a run's first record says of a run that is nobody's execution. */
export interface Opening {
  readonly runId: string;
  readonly kind: RunKind;
  readonly identityId: string;
  readonly actor: Actor;
  readonly stage: Stage;
  readonly trigger: string;
  readonly reason: string | null;
  readonly requestedAt: string;
  readonly deadline: string | null;
  /** The run it belongs to. */
  readonly about: string;
  readonly stages: readonly string[];
  /** The execution that may still close it; `none` when no execution does. */
  readonly executionArn: string;
}

/**
 * Opens a run beside another: marker first, then RunOpened. Everything is create-only, so a repeated call finds its own.
 * @throws Failure UnknownIdentity
 */
export async function openBeside(
  deps: Ports,
  opening: Opening,
): Promise<{ readonly head: Head; readonly opened: EvidenceRecord; readonly fence: number }> {
  const row = await mustKnow(deps, opening.identityId);
  const entry = await deps.policies.of(opening.identityId);
  const { runId, kind, identityId, executionArn, actor, stage } = opening;
  const openedAt = iso(deps.now());
  await deps.registry.openRun({ runId, identityId, kind, executionArn, openedAt, adoptions: 0 });
  const { head, record } = await append(
    deps.evidence,
    stampOf(deps, { runId, fence: row.fence, actor }, stage, entry.policy.controls),
    { chain: 'RUN', head: GENESIS, item: runId, at: openedAt, statement: openedOf(opening, row, entry) },
  );
  await deps.registry.putSummary({
    runId,
    kind,
    identityId,
    owner: row.owner,
    about: opening.about,
    openedAt: record.at,
    closedAt: undefined,
    outcome: 'open',
    level: undefined,
    cause: undefined,
  });
  return { head, opened: record, fence: record.fence };
}

/** What a short run says between its first and its last record, and how it ends. */
export interface Saying {
  readonly statement: Statement;
  readonly outcome: Outcome;
  readonly cause: { readonly code: string; readonly sentence: string } | undefined;
}

/** Writes a whole run that records one thing, once: a repeated call finds its own records. */
export async function shortRun(deps: Ports, opening: Opening, saying: Saying): Promise<'recorded' | 'known'> {
  const { runId, actor, stage } = opening;
  if ((await deps.registry.summary(runId))?.closedAt !== undefined) return 'known';
  const { head, opened, fence } = await openBeside(deps, opening);
  const stamp = stampOf(deps, { runId, fence, actor }, stage, opened.controls);
  const write = (at: Head, statement: Statement) =>
    append(deps.evidence, stamp, { chain: 'RUN', head: at, item: runId, at: iso(deps.now()), statement });
  const said = await write(head, saying.statement);
  const closed = await write(said.head, terminalOf([opened, said.record], saying));
  await finish(deps, { run: [opened, said.record, closed.record] });
  return 'recorded';
}

/** The terminal record of a run that proves nothing about a credential. */
export function terminalOf(
  run: readonly EvidenceRecord[],
  { outcome, cause }: Pick<Saying, 'outcome' | 'cause'>,
): Statement {
  const facts = { run, proof: [], heads: { proofSeq: GENESIS.seq, proofPrev: GENESIS.prev } };
  const why = cause && ({ ...cause, category: 'other' } as const);
  return { ...closing(facts, why, []), outcome };
}

function openedOf(opening: Opening, row: IdentityRow, entry: PolicyEntry): Statement {
  return {
    type: 'RunOpened',
    kind: opening.kind,
    identity: identityFacts(entry),
    trigger: opening.trigger,
    reason: opening.reason,
    slot: null,
    attempt: 0,
    requestedAt: opening.requestedAt,
    dueAt: null,
    deadline: opening.deadline,
    policy: { id: entry.policy.id, revision: row.policyRevision, sha256: entry.sha256 },
    stages: [...opening.stages],
    concurrentRuns: null,
    about: opening.about,
  };
}
