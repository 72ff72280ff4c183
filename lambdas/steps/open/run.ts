import { append } from '../../../core/evidence/append';
import { GENESIS } from '../../../core/evidence/chain';
import type { Actor, Statement } from '../../../core/evidence/record';
import { Failure } from '../../../core/failure';
import { seconds } from '../../../core/policy/duration';
import type { PolicyEntry } from '../../../core/policy/document';
import type { Identities, IdentityRow, Leases, Obligation, RunRegistry } from '../../../core/ports/registry';
import { refuseActing, unknownIdentity } from '../../../core/registry/lease-rules';
import { summaryOf } from '../../../core/registry/run-summary';
import type { RunState } from '../../../core/run/state';
import type { StartRequests } from '../../../core/ports/approvals';
import { rotationStages } from '../contracts';
import { requestOf } from '../approve/requester';
import { iso, type Deps, type Execution, type Using } from '../deps';
import { stampOf } from '../stamp';
import { strategyOf } from '../subject';
import { together } from '../together';
import { parseRotationInput, type RotationInput } from './input';
import { mustBeFree, mustBeOwn } from './name';
import { overlapSeconds } from './overlap';

type Ports = Pick<Deps, 'evidence' | 'policies' | 'now' | 'ledgerId' | 'code'> &
  Using<RunRegistry & Leases & StartRequests>;

/**
 * Opens a rotation: marker first, then the lease, then RunOpened, so that a crash at any point leaves something that
 * Settle finds. A run that must not go on is still opened and recorded, and then refused.
 * @throws Failure InvalidInput, UnknownIdentity (no run was opened); EvidenceConflict (the name is
 * another run's, which was left alone); StepBusy (nothing recorded yet); LeaseHeld, SlotServed, PolicyGap (recorded)
 */
export async function open(deps: Ports, execution: Execution, input: unknown): Promise<RunState> {
  const request = parseRotationInput(input);
  const entry = await deps.policies.of(request.identityId);
  const runId = execution.name;
  const opening = { runId, kind: 'rotation', requestedAt: execution.startTime } as const;
  const [startedBy] = await together([
    // The API starts nothing for a slot; the schedule does.
    request.slot === undefined ? requestOf(deps, 'rotation', runId, input) : undefined,
    mustBeFree(deps, opening),
  ]);
  const openedAt = iso(deps.now());
  await deps.registry.openRun({
    runId,
    identityId: request.identityId,
    kind: 'rotation',
    executionArn: execution.id,
    openedAt,
    adoptions: 0,
  });
  // The row as it is under the lease: the slot may have been served a moment before it was claimed.
  const { row, heldBy } = await deps.registry.claimLease(request.identityId, {
    runId,
    executionArn: execution.id,
    claimedAt: openedAt,
    kind: 'rotation',
  });
  if (heldBy === undefined) refuseActing(row, runId, iso(deps.now()));
  const state = {
    ...initialState(request, row, entry, execution),
    actor: startedBy?.actor ?? claimedActor(request),
  };
  const stamp = stampOf(deps, state, 'Open', entry.policy.controls);
  const statement = opened(request, row, entry, execution);
  const at = iso(deps.now());
  const { head, record } = await append(deps.evidence, stamp, {
    chain: 'RUN',
    head: GENESIS,
    item: row.id,
    at,
    statement,
  });
  mustBeOwn(record, opening);
  if (record.type === 'RunOpened') await deps.registry.putSummary(summaryOf(record, undefined));
  const holder = heldBy?.runId;
  if (holder !== undefined && holder === request.reissue) throw stillRevoking(row.id, holder);
  refuse(request, row, entry, holder);
  if (request.reissue !== undefined) refuseOwed(row.id, await deps.registry.obligationsOf(row.id));
  return { ...state, seq: head.seq, prev: head.prev };
}

/** The registry's row of an identity. @throws Failure UnknownIdentity */
export async function mustKnow(
  deps: Using<Pick<Identities, 'identity'>>,
  identityId: string,
): Promise<IdentityRow> {
  const row = await deps.registry.identity(identityId);
  if (row) return row;
  throw unknownIdentity(identityId);
}

/** Every reason not to rotate now, checked while the lease is held. */
function refuse(
  request: RotationInput,
  row: IdentityRow,
  entry: PolicyEntry,
  holder: string | undefined,
): void {
  if (holder !== undefined) {
    const message = `Identity ${row.id} is being worked on by run ${holder}. This run changed nothing. Wait until that run has closed: gapless runs --identity ${row.id}`;
    throw new Failure('LeaseHeld', message, 'none');
  }
  refuseRevoked(request, row);
  if (!entry.policy.rotation) {
    const message = `The policy of ${row.id} has no rotation section, so there is no strategy to rotate by. Nothing was changed. Add rotation.strategy and rotation.every.`;
    throw new Failure('PolicyGap', message, 'none');
  }
  if (request.slot !== undefined && request.slot !== row.slot) {
    const message = `Slot ${request.slot} of ${row.id} was served already; the next one is ${row.slot ?? 'not set'}. Nothing was changed and nothing needs to be done.`;
    throw new Failure('SlotServed', message, 'none');
  }
}

/** The revocation starts this run right before it closes; its first step is repeated until it has. */
function stillRevoking(identityId: string, runId: string): Failure {
  const message = `Revocation ${runId} of ${identityId} has not closed yet. Nothing was changed; this run begins when it has.`;
  return new Failure('StepBusy', message, 'none');
}

/** What was revoked has to be proven dead before the identity gets a new credential. */
function refuseOwed(identityId: string, owed: readonly Obligation[]): void {
  const open = owed.find(({ by, type }) => by === 'revocation' && type === 'refusal');
  if (!open) return;
  const message = `Version ${open.versionId} of ${identityId} was revoked by run ${open.runId} and is not proven refused yet. Nothing was changed. Settle tries again at ${open.nextAttemptAt}; start the reissue once it is paid: gapless obligations`;
  throw new Failure('ObligationOpen', message, 'none');
}

/** A revoked identity gets a new credential only by a run that says so, and that somebody approves. */
function refuseRevoked({ reissue }: RotationInput, { id, revoked }: IdentityRow): void {
  if (revoked?.runId === reissue) return;
  const message =
    revoked === undefined
      ? `Identity ${id} is not revoked, so there is nothing to reissue. Nothing was changed. Start a plain rotation: gapless rotate ${id}`
      : `Identity ${id} was revoked at ${revoked.at} by run ${revoked.runId}; no rotation makes a credential for it. Nothing was changed. If it is to work again, reissue it, with an approval: gapless rotate ${id} --reissue ${revoked.runId}`;
  throw new Failure('IdentityRevoked', message, 'none');
}

function claimedActor(request: RotationInput): Actor {
  if (request.slot !== undefined) return { type: 'schedule', id: 'sweep', assurance: 'verified' };
  return personOf(request.actor);
}

/** Who asks, as far as an execution's input says it. */
export function personOf(actor: string | undefined): Actor {
  // Who started a console or CLI execution is known only from what the input says.
  return {
    type: 'person',
    id: actor ?? 'unnamed',
    assurance: actor === undefined ? 'none' : 'claimed',
  };
}

function initialState(
  request: RotationInput,
  row: IdentityRow,
  entry: PolicyEntry,
  execution: Execution,
): Omit<RunState, 'actor'> {
  return {
    runId: execution.name,
    kind: 'rotation',
    identityId: row.id,
    route: `${row.kind}/${row.network}`,
    network: row.network,
    fence: row.fence,
    seq: 0,
    prev: GENESIS.prev,
    proofSeq: 0,
    proofPrev: GENESIS.prev,
    approval: request.reissue === undefined ? entry.policy.approval.rotation : 'required',
    overlapSeconds: overlapSeconds(entry.policy),
    requestedAt: execution.startTime,
    about: null,
    candidate: null,
    superseded: null,
    cut: null,
    cutFrom: null,
    confirmedAt: null,
    direction: null,
    notBefore: null,
    round: 1,
    reissue: null,
  };
}

function opened(
  request: RotationInput,
  row: IdentityRow,
  entry: PolicyEntry,
  execution: Execution,
): Statement {
  const { policy } = entry;
  return {
    type: 'RunOpened',
    kind: 'rotation',
    identity: identityFacts(entry),
    trigger: triggerOf(request),
    reason: request.reason ?? null,
    slot: request.slot ?? null,
    attempt: request.attempt ?? 0,
    requestedAt: execution.startTime,
    dueAt: request.slot ?? null,
    deadline:
      request.slot === undefined || !policy.rotation
        ? null
        : iso(Date.parse(request.slot) + seconds(policy.rotation.every) * 1_000),
    policy: { id: policy.id, revision: row.policyRevision, sha256: entry.sha256 },
    stages: [...rotationStages],
    concurrentRuns: request.batch ?? null,
    about: request.reissue ?? null,
  };
}

function triggerOf({ slot, reissue }: RotationInput): string {
  if (reissue !== undefined) return 'reissue';
  return slot === undefined ? 'manual' : 'schedule';
}

/** What RunOpened says of an identity, from its policy. */
export function identityFacts(entry: PolicyEntry): Extract<Statement, { type: 'RunOpened' }>['identity'] {
  const { policy } = entry;
  return {
    id: policy.id,
    aliases: policy.aliases,
    kind: policy.kind,
    strategy: strategyOf(policy),
    owner: policy.owner,
    team: policy.team ?? null,
    environment: policy.environment ?? null,
    platform: policy.platform ?? null,
    site: policy.site ?? null,
  };
}
