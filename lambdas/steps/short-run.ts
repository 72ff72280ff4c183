import { MANY } from '../../core/bulk/many';
import { append } from '../../core/evidence/append';
import { GENESIS, type Head } from '../../core/evidence/chain';
import type {
  Actor,
  EvidenceRecord,
  Outcome,
  RecordOf,
  RunKind,
  Statement,
} from '../../core/evidence/record';
import { summaryOf } from '../../core/registry/run-summary';
import { closing } from '../../core/run/closing';
import type { RunRegistry } from '../../core/ports/registry';
import { factsOfMany } from './bulk/many';
import { finish } from './close/finish';
import { iso, type Deps, type Using } from './deps';
import { identityFacts, mustKnow } from './open/run';
import { stampOf, type Stage } from './stamp';

type Ports = Pick<Deps, 'evidence' | 'policies' | 'notices' | 'now' | 'ledgerId' | 'code'> &
  Using<RunRegistry>;

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
  const facts = await subjectFacts(deps, opening.identityId);
  const { runId, kind, identityId, executionArn, actor, stage } = opening;
  const openedAt = iso(deps.now());
  await deps.registry.openRun({ runId, identityId, kind, executionArn, openedAt, adoptions: 0 });
  const { head, record } = await append(
    deps.evidence,
    stampOf(deps, { runId, fence: facts.fence, actor }, stage, facts.controls),
    { chain: 'RUN', head: GENESIS, item: runId, at: openedAt, statement: openedOf(opening, facts) },
  );
  if (record.type === 'RunOpened') await deps.registry.putSummary(summaryOf(record, undefined));
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

type Opened = RecordOf<'RunOpened'>;

interface Facts extends Pick<Opened, 'fence' | 'controls' | 'identity' | 'policy'> {}

/** What the record says of whom the run is about. Everybody a bulk revocation is for has neither row nor policy. */
async function subjectFacts(deps: Ports, identityId: string): Promise<Facts> {
  if (identityId === MANY) {
    const { revision } = await deps.policies.document();
    return { fence: 0, controls: [], ...factsOfMany(revision, {}) };
  }
  const { fence, policyRevision } = await mustKnow(deps, identityId);
  const entry = await deps.policies.of(identityId);
  const { id, controls } = entry.policy;
  const policy = { id, revision: policyRevision, sha256: entry.sha256 };
  return { fence, controls, identity: identityFacts(entry), policy };
}

function openedOf(opening: Opening, { identity, policy }: Facts): Statement {
  return {
    type: 'RunOpened',
    kind: opening.kind,
    identity,
    trigger: opening.trigger,
    reason: opening.reason,
    slot: null,
    attempt: 0,
    requestedAt: opening.requestedAt,
    dueAt: null,
    deadline: opening.deadline,
    policy,
    stages: [...opening.stages],
    concurrentRuns: null,
    about: opening.about,
  };
}
