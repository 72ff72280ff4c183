import * as z from 'zod/mini';
import { append } from '../../../core/evidence/append';
import { GENESIS } from '../../../core/evidence/chain';
import type { Statement } from '../../../core/evidence/record';
import { Failure } from '../../../core/failure';
import type { PolicyEntry } from '../../../core/policy/document';
import { IDENTITY_ID } from '../../../core/policy/schema';
import type { IdentityRow, Obligation, OpenRun } from '../../../core/ports/registry';
import type { RunState } from '../../../core/run/state';
import { triggerOf } from '../close/debts';
import { iso, type Deps, type Execution } from '../deps';
import { newest, proven, storyOf, type Story } from '../heads';
import { identityFacts, mustKnow } from '../open/run';
import { stampOf } from '../stamp';

const settleInput = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('adopt'), runId: z.string().check(z.minLength(1), z.maxLength(96)) }),
  z.strictObject({
    kind: z.literal('pay'),
    identityId: z.string().check(z.regex(IDENTITY_ID)),
    versionId: z.string(),
    type: z.enum(['refusal', 'removal']),
    attempt: z.int(),
  }),
]);
/** What Settle starts an execution with: a dead run to take over, or an obligation to pay. */
export type SettleInput = z.infer<typeof settleInput>;

const ACTOR = { type: 'settle', id: 'settle', assurance: 'verified' } as const;
const STAGES = ['Begin', 'Reassert', 'ConfirmNew', 'Retire', 'ProveOld', 'Remove', 'Close'];

type Ports = Pick<Deps, 'registry' | 'evidence' | 'policies' | 'now' | 'ledgerId' | 'code'>;

/**
 * Begins one piece of settling.
 * @throws Failure LeaseHeld when there is nothing to do any more, or somebody else works on the identity; StepBusy
 *   while a worker of the dead run may still be acting
 */
export async function begin(deps: Ports, execution: Execution, input: unknown): Promise<RunState> {
  const request = settleInput.safeParse(input);
  if (!request.success) {
    const message =
      'The input is neither {"kind":"adopt","runId"} nor {"kind":"pay","identityId","versionId","type","attempt"}. Nothing was changed. Settle starts these executions by itself.';
    throw new Failure('InvalidInput', message, 'none');
  }
  return request.data.kind === 'adopt'
    ? adopt(deps, execution, request.data.runId)
    : pay(deps, execution, request.data);
}

function over(what: string): Failure {
  return new Failure('LeaseHeld', `${what} Nothing was changed and nothing needs to be done.`, 'none');
}

/** Takes over a run whose execution ended before the run was closed. It goes on as that run, under a higher fence. */
async function adopt(deps: Ports, execution: Execution, runId: string): Promise<RunState> {
  const marker = await deps.registry.run(runId);
  if (!marker) throw over(`Run ${runId} is closed already.`);
  const row = await mustKnow(deps, marker.identityId);
  const story = await storyOf(deps.evidence, runId);
  const ours = row.lease?.runId === runId;
  if (ours && row.busyUntil !== undefined && Date.parse(row.busyUntil) > deps.now()) {
    const message = `Stage ${row.busyStage ?? 'unknown'} of run ${runId} may still be acting until ${row.busyUntil}. Nothing was changed; it is taken over after that.`;
    throw new Failure('StepBusy', message, 'none');
  }
  // The marker is the compare-and-set between two executions that want the same dead run.
  if (marker.executionArn !== execution.id) await deps.registry.adoptRun(marker, execution.id);
  const { fence } = ours ? await deps.registry.takeOverLease(row.id, runId, execution.id) : row;
  return resumed(row, marker, story, fence, ours ? directionOf(story) : 'close');
}

/** Backwards until the new credential was confirmed; after that forwards, as obligations that runs of their own pay. */
function directionOf(story: Story): 'undo' | 'close' {
  if (newest(story.run, 'RunClosed') || proven(story, 'ConfirmNew') || proven(story, 'ProveRestored'))
    return 'close';
  const opened = newest(story.run, 'RunOpened');
  return opened?.kind === 'rotation' && newest(story.run, 'ChangeIntended') ? 'undo' : 'close';
}

function resumed(
  row: IdentityRow,
  marker: OpenRun,
  story: Story,
  fence: number,
  direction: 'undo' | 'close',
): RunState {
  const opened = newest(story.run, 'RunOpened');
  return {
    ...blankState(row, marker.runId, opened?.requestedAt ?? marker.openedAt, fence),
    ...story.heads,
    actor: opened?.actor ?? ACTOR,
    kind: opened?.kind === 'settle' ? 'settle' : 'rotation',
    about: opened?.about ?? null,
    direction,
  };
}

function blankState(row: IdentityRow, runId: string, requestedAt: string, fence: number): RunState {
  return {
    runId,
    kind: 'settle',
    identityId: row.id,
    route: `${row.kind}/${row.network}`,
    network: row.network,
    fence,
    seq: 0,
    prev: GENESIS.prev,
    proofSeq: 0,
    proofPrev: GENESIS.prev,
    approval: 'never',
    overlapSeconds: 0,
    requestedAt,
    actor: ACTOR,
    about: null,
    candidate: null,
    superseded: null,
    cut: null,
    cutFrom: null,
    confirmedAt: null,
    direction: null,
  };
}

/** Opens a run of its own that pays one obligation: the version that is owed, against the one in force. */
async function pay(
  deps: Ports,
  execution: Execution,
  request: Extract<SettleInput, { kind: 'pay' }>,
): Promise<RunState> {
  // Without a policy nothing can be done, and nothing may be claimed.
  const entry = await deps.policies.of(request.identityId);
  const id = entry.policy.id;
  const runId = execution.name;
  const openedAt = iso(deps.now());
  const marker = {
    runId,
    identityId: id,
    kind: 'settle',
    executionArn: execution.id,
    openedAt,
    adoptions: 0,
  } as const;
  await deps.registry.openRun(marker);
  const claim = await deps.registry.claimLease(id, {
    runId,
    executionArn: execution.id,
    claimedAt: openedAt,
  });
  if ('heldBy' in claim) {
    await deps.registry.forgetRun(runId);
    throw over(
      `Identity ${id} is being worked on by run ${claim.heldBy.runId}; the obligation is tried again later.`,
    );
  }
  // Only what is read under the lease may be acted on: a rotation may have paid or withdrawn it a moment ago.
  const row = await mustKnow(deps, id);
  const owed = (await deps.registry.obligationsOf(id)).find(
    (obligation) => obligation.versionId === request.versionId && obligation.type === request.type,
  );
  if (!owed) {
    await deps.registry.releaseLease(id, runId);
    await deps.registry.forgetRun(runId);
    throw over(`The ${request.type} of version ${request.versionId} of ${id} is paid already.`);
  }
  const state = paying(owed, blankState(row, runId, execution.startTime, claim.fence));
  const statement = opened(row, entry, owed, execution);
  const stamp = stampOf(deps, state, 'Begin', entry.policy.controls);
  const { head } = await append(deps.evidence, stamp, {
    chain: 'RUN',
    head: GENESIS,
    item: row.id,
    at: iso(deps.now()),
    statement,
  });
  await deps.registry.putSummary({
    runId,
    kind: 'settle',
    identityId: row.id,
    owner: row.owner,
    about: owed.runId,
    openedAt,
    closedAt: undefined,
    outcome: 'open',
    level: undefined,
    cause: undefined,
  });
  return { ...state, seq: head.seq, prev: head.prev };
}

/** Which version is in force is found out by Reassert, from the label. */
function paying(owed: Obligation, blank: RunState): RunState {
  return { ...blank, about: owed.runId, superseded: owed.versionId, direction: 'pay' };
}

function opened(row: IdentityRow, entry: PolicyEntry, owed: Obligation, execution: Execution): Statement {
  return {
    type: 'RunOpened',
    kind: 'settle',
    identity: identityFacts(entry),
    trigger: triggerOf(owed),
    reason: owed.why.slice(0, 500),
    slot: null,
    attempt: owed.attempts,
    requestedAt: execution.startTime,
    dueAt: owed.nextAttemptAt,
    deadline: owed.deadline ?? null,
    policy: { id: entry.policy.id, revision: row.policyRevision, sha256: entry.sha256 },
    stages: STAGES,
    concurrentRuns: null,
    about: owed.runId,
  };
}
