import { append } from '../../../core/evidence/append';
import { GENESIS } from '../../../core/evidence/chain';
import type { Statement } from '../../../core/evidence/record';
import type { PolicyEntry } from '../../../core/policy/document';
import type { IdentityRow, Obligation } from '../../../core/ports/registry';
import { refuseActing } from '../../../core/registry/lease-rules';
import { summaryOf } from '../../../core/registry/run-summary';
import type { RunState } from '../../../core/run/state';
import { obligationTrigger, triggerOf } from '../close/debts';
import { iso, type Execution } from '../deps';
import { newest, storyOf } from '../heads';
import { identityFacts, mustKnow } from '../open/run';
import { nameOf } from '../settle/name';
import { stampOf } from '../stamp';
import { wantsReissue } from './adopt';
import type { SettleInput } from './input';
import { blankState, over, type Ports } from './state';

const STAGES = {
  pay: ['Begin', 'Reassert', 'ConfirmNew', 'Retire', 'ProveOld', 'Remove', 'Close'],
  contain: ['Begin', 'Contain', 'ProveRefused', 'Remove', 'Close'],
} as const;

/** Which obligation an execution is about: one, or any of those that a revocation left. */
type Wanted = Exclude<SettleInput, { kind: 'adopt' }>;

/**
 * Opens a run of its own that pays: one version against the one in force, or everything that a revocation left, by
 * containing and proving it again.
 */
export async function pay(deps: Ports, execution: Execution, wanted: Wanted): Promise<RunState> {
  // Without a policy nothing can be done, and nothing may be claimed.
  const entry = await deps.policies.of(wanted.identityId);
  const id = entry.policy.id;
  const runId = execution.name;
  const fence = await claim(deps, execution, id);
  // Only what is read under the lease may be acted on: a rotation may have paid or withdrawn it a moment ago.
  const row = await mustKnow(deps, id);
  // What a revocation contains does not wait: its proof does.
  if (wanted.kind === 'pay') refuseActing(row, runId, iso(deps.now()));
  const owed = mostPressing(
    (await deps.registry.obligationsOf(id)).flatMap((obligation) => asWanted(obligation, wanted, row)),
  );
  // No reissue begins while a revocation is owed a refusal, so one that is open is of a revocation that failed before it
  // could mark the identity.
  const lifted = wanted.kind === 'contain' && row.revoked === undefined && owed?.type === 'removal';
  if (!owed || lifted) {
    await deps.registry.releaseLease(id, runId);
    await deps.registry.forgetRun(runId);
    throw over(`What run ${execution.name} was to pay for ${id} is paid or withdrawn already.`);
  }
  const state = await paying(deps, owed, wanted, blankState(row, runId, execution.startTime, fence));
  const { head, record } = await append(deps.evidence, stampOf(deps, state, 'Begin', entry.policy.controls), {
    chain: 'RUN',
    head: GENESIS,
    item: row.id,
    at: iso(deps.now()),
    statement: opened(row, entry, { owed, wanted }, execution),
  });
  if (record.type === 'RunOpened') await deps.registry.putSummary(summaryOf(record, undefined));
  return { ...state, seq: head.seq, prev: head.prev };
}

async function claim(deps: Ports, execution: Execution, identityId: string): Promise<number> {
  const { id: executionArn, name: runId } = execution;
  const openedAt = iso(deps.now());
  await deps.registry.openRun({ runId, identityId, kind: 'settle', executionArn, openedAt, adoptions: 0 });
  const lease = { runId, executionArn, claimedAt: openedAt, kind: 'settle' } as const;
  const claimed = await deps.registry.claimLease(identityId, lease);
  if (claimed.heldBy === undefined) return claimed.row.fence;
  await deps.registry.forgetRun(runId);
  throw over(
    `Identity ${identityId} is being worked on by run ${claimed.heldBy.runId}; the obligation is tried again later.`,
  );
}

/** The one with the earliest deadline: it is what the run's own deadline is. */
function mostPressing(owed: readonly Obligation[]): Obligation | undefined {
  return owed.toSorted((a, b) => (deadlineOf(a) < deadlineOf(b) ? -1 : 1))[0];
}

/** What has no deadline comes after everything that has one. */
function deadlineOf({ deadline }: Obligation): string {
  return deadline ?? '9999';
}

/** An obligation as this run is to pay it, if it is: a revocation takes over the refusals that a rotation left. */
function asWanted(owed: Obligation, wanted: Wanted, { revoked }: IdentityRow): readonly Obligation[] {
  switch (wanted.kind) {
    case 'pay':
      if (owed.versionId !== wanted.versionId || owed.type !== wanted.type) return [];
      // What a revocation demands is paid by containing everything, unless the identity was reissued meanwhile.
      return owed.by === 'rotation' || (owed.type === 'removal' && !revoked) ? [owed] : [];
    case 'contain': {
      if (owed.by === 'revocation' && owed.type !== 'review')
        return owed.runId === wanted.about ? [owed] : [];
      const taken = owed.type === 'refusal' && revoked?.runId === wanted.about;
      return taken ? [{ ...owed, by: 'revocation', runId: wanted.about }] : [];
    }
    default:
      return wanted satisfies never;
  }
}

/** Which version is in force is found out by Reassert, from the label; a revocation leaves none in force. */
async function paying(deps: Ports, owed: Obligation, { kind }: Wanted, blank: RunState): Promise<RunState> {
  if (kind === 'pay') {
    const { runId, versionId, remoteId, type } = owed;
    // What is only to be removed was proven dead before: its name at the target is enough, should nobody hold it.
    const noted = type === 'removal' && remoteId !== '' ? { remoteIds: { [versionId]: remoteId } } : {};
    return { ...blank, ...noted, about: runId, superseded: versionId, direction: 'pay' };
  }
  const { run } = await storyOf(deps.evidence, owed.runId);
  const revocation = newest(run, 'RunOpened');
  const reissue = wantsReissue(revocation) ? nameOf('reissue', owed.runId) : null;
  // Deadlines of what is found only now run from when the revocation was asked for.
  const requestedAt = revocation?.requestedAt ?? blank.requestedAt;
  return { ...blank, about: owed.runId, direction: 'contain', reissue, requestedAt };
}

function opened(
  row: IdentityRow,
  entry: PolicyEntry,
  { owed, wanted }: { readonly owed: Obligation; readonly wanted: Wanted },
  execution: Execution,
): Statement {
  return {
    type: 'RunOpened',
    kind: 'settle',
    identity: identityFacts(entry),
    trigger: wanted.kind === 'pay' ? obligationTrigger(owed) : triggerOf(owed),
    reason: owed.why.slice(0, 500),
    slot: null,
    attempt: owed.attempts,
    requestedAt: execution.startTime,
    dueAt: owed.nextAttemptAt,
    deadline: owed.deadline ?? null,
    policy: { id: entry.policy.id, revision: row.policyRevision, sha256: entry.sha256 },
    stages: [...STAGES[wanted.kind]],
    concurrentRuns: null,
    about: owed.runId,
  };
}
