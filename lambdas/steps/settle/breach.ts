import { append } from '../../../core/evidence/append';
import { GENESIS, type Head } from '../../../core/evidence/chain';
import type { EvidenceRecord, Statement } from '../../../core/evidence/record';
import type { PolicyEntry } from '../../../core/policy/document';
import type { IdentityRow, Obligation, RunRegistry } from '../../../core/ports/registry';
import { closing } from '../../../core/run/closing';
import { finish } from '../close/finish';
import { iso, type Deps, type Using } from '../deps';
import { identityFacts, mustKnow } from '../open/run';
import { stampOf } from '../stamp';
import { nameOf } from './name';

type Ports = Pick<Deps, 'evidence' | 'policies' | 'notices' | 'now' | 'ledgerId' | 'code'> &
  Using<RunRegistry>;
type Overdue = Obligation & { readonly deadline: string };

const ACTOR = { type: 'settle', id: 'settle', assurance: 'verified' } as const;

/**
 * Obligations whose deadline has passed, ISO times compared as text. The newest come first: those before them were
 * recorded by earlier looks and are only found again.
 */
export function overdueOf(open: readonly Obligation[], now: string): readonly Overdue[] {
  return open
    .filter((owed): owed is Overdue => owed.deadline !== undefined && owed.deadline <= now)
    .toSorted((a, b) => (a.deadline > b.deadline ? -1 : 1));
}

/**
 * Records a broken deadline as a run of its own, once: its id is made from the obligation, and every record is
 * create-only, so a look that died half-way is finished by the next one.
 */
export async function recordBreach(deps: Ports, owed: Overdue): Promise<'recorded' | 'known'> {
  const runId = nameOf('breach', owed.identityId, owed.type, owed.versionId, owed.deadline);
  if ((await deps.registry.summary(runId))?.closedAt !== undefined) return 'known';
  const row = await mustKnow(deps, owed.identityId);
  const entry = await deps.policies.of(owed.identityId);
  const openedAt = iso(deps.now());
  // Nobody's execution: the look that finds it open goes on with it.
  const marker = {
    runId,
    identityId: row.id,
    kind: 'breach',
    executionArn: 'none',
    openedAt,
    adoptions: 0,
  } as const;
  await deps.registry.openRun(marker);
  const stamp = stampOf(deps, { runId, fence: row.fence, actor: ACTOR }, 'Settle', entry.policy.controls);
  const records: EvidenceRecord[] = [];
  const write = async (head: Head, statement: Statement): Promise<Head> => {
    const at = iso(deps.now());
    const written = await append(deps.evidence, stamp, { chain: 'RUN', head, item: runId, at, statement });
    records.push(written.record);
    return written.head;
  };
  const opened = await write(GENESIS, openedOf(row, entry, owed, openedAt));
  const obligation = `${owed.type} ${owed.versionId}`;
  const breached = await write(opened, { type: 'Breached', obligation, deadline: owed.deadline });
  const facts = { run: records, proof: [], heads: { proofSeq: GENESIS.seq, proofPrev: GENESIS.prev } };
  const sentence = sentenceOf(owed);
  const cause = { code: 'DeadlineBroken', category: 'other', sentence } as const;
  await write(breached, {
    ...closing(facts, cause, [obligation]),
    outcome: owed.type === 'review' ? 'recorded' : 'revoke-pending',
  });
  await finish(deps, { run: records });
  return 'recorded';
}

function sentenceOf({ type, versionId, identityId, deadline, nextAttemptAt }: Overdue): string {
  return type === 'review'
    ? `The review of run ${versionId} of ${identityId}, which went without a second person, was due at ${deadline} and nobody has done it. It stays owed: gapless review ${versionId}`
    : `The ${type} of version ${versionId} of ${identityId} was due at ${deadline} and is not proven. It stays owed; the next attempt is at ${nextAttemptAt}.`;
}

function openedOf(row: IdentityRow, entry: PolicyEntry, owed: Overdue, at: string): Statement {
  return {
    type: 'RunOpened',
    kind: 'breach',
    identity: identityFacts(entry),
    trigger: `deadline of ${owed.type} ${owed.versionId}`,
    reason: owed.why.slice(0, 500),
    slot: null,
    attempt: 0,
    requestedAt: at,
    dueAt: null,
    deadline: owed.deadline,
    policy: { id: entry.policy.id, revision: row.policyRevision, sha256: entry.sha256 },
    stages: [],
    concurrentRuns: null,
    about: owed.runId,
  };
}
