import * as z from 'zod/mini';
import { append } from '../../../core/evidence/append';
import { GENESIS } from '../../../core/evidence/chain';
import type { Statement } from '../../../core/evidence/record';
import { isStoreDown } from '../../../core/evidence/spilling';
import { Failure } from '../../../core/failure';
import { openedNotices } from '../../../core/notice/of-run';
import type { PolicyEntry } from '../../../core/policy/document';
import { seconds } from '../../../core/policy/duration';
import { complaintsOf } from '../../../core/policy/complaints';
import { IDENTITY_ID } from '../../../core/policy/identity-id';
import type { IdentityRow, RunRegistry } from '../../../core/ports/registry';
import { summaryOf } from '../../../core/registry/run-summary';
import type { RunState } from '../../../core/run/state';
import type { StartRequests } from '../../../core/ports/approvals';
import { revocationStages } from '../contracts';
import { iso, type Deps, type Execution, type Using } from '../deps';
import { notify } from '../notify';
import { nameOf } from '../settle/name';
import { stampOf } from '../stamp';
import { breakGlass } from '../approve/break-glass';
import { requestOf } from '../approve/requester';
import { cover, coveringApproval } from '../approve/cover';
import { alike } from './alike';
import { mustBeFree, mustBeOwn } from './name';
import { originOf, type Origin } from './origin';
import { identityFacts, mustKnow } from './run';

const revocationInput = z.strictObject({
  identityId: z.string().check(z.regex(IDENTITY_ID, 'want 3 to 64 of a-z, 0-9 and -, such as orders-db')),
  reason: z
    .string('want a sentence that says why')
    .check(
      z.minLength(3, 'want at least 3 characters that say why'),
      z.maxLength(512, 'want at most 512 characters'),
    ),
  reissue: z.optional(z.boolean('want true or false')),
  actor: z.optional(z.string().check(z.minLength(1), z.maxLength(128))),
  /** The bulk run that started it; set by the machine gapless-bulk alone. */
  bulk: z.optional(z.string().check(z.minLength(1), z.maxLength(96))),
});
type RevocationInput = z.infer<typeof revocationInput>;

type Ports = Pick<Deps, 'evidence' | 'policies' | 'lists' | 'notices' | 'now' | 'ledgerId' | 'code'> &
  Using<RunRegistry & StartRequests>;

/**
 * Opens a revocation: marker, then RunOpened. It takes the identity from nobody yet, because somebody may still have to
 * approve it; Contain does. The clock of the policy's deadline runs from the execution's start.
 * @throws Failure InvalidInput, UnknownIdentity: a sentence that says what to type instead; EvidenceConflict when the
 * name is another run's. No run was opened
 */
export async function openRevocation(deps: Ports, execution: Execution, input: unknown): Promise<RunState> {
  const request = parseInput(input);
  const { entry, row } = await known(deps, request.identityId);
  const origin = await originOf(deps, execution, request);
  const opening = {
    runId: execution.name,
    kind: 'revocation',
    requestedAt: origin.requestedAt,
  } as const;
  await unlessUnreadable(mustBeFree(deps, opening));
  const startedBy = await requestOf(deps, 'revocation', execution.name, input);
  const glass = startedBy?.breakGlass ?? 'no';
  const covering = await coveringApproval(deps, entry.policy, execution.name, request.bulk);
  const state: RunState = {
    ...initialState(request, row, entry, { execution, origin }),
    ...(startedBy && { actor: startedBy.actor }),
    ...((glass === 'asked' || covering) && { approval: 'never' }),
  };
  const openedAt = iso(deps.now());
  const { runId } = state;
  await deps.registry.openRun({
    runId,
    identityId: row.id,
    kind: 'revocation',
    executionArn: execution.id,
    openedAt,
    adoptions: 0,
  });
  const { head, record } = await append(deps.evidence, stampOf(deps, state, 'Open', entry.policy.controls), {
    chain: 'RUN',
    head: GENESIS,
    item: row.id,
    at: iso(deps.now()),
    statement: opened(request, row, entry, origin),
  });
  mustBeOwn(record, opening);
  if (record.type === 'RunOpened') {
    await deps.registry.putSummary(summaryOf(record, undefined));
    await notify(deps, openedNotices(record));
  }
  const run = { ...state, seq: head.seq, prev: head.prev };
  if (covering) return cover(deps, run, entry.policy.controls, covering);
  return glass === 'asked' ? breakGlass(deps, run, entry.policy.controls) : run;
}

/** Whose name it is cannot be told while the evidence table does not answer; the marker still tells two open runs apart. */
async function unlessUnreadable(asked: Promise<void>): Promise<void> {
  try {
    await asked;
  } catch (error) {
    if (!isStoreDown(error)) throw error;
  }
}

async function known(
  deps: Ports,
  identityId: string,
): Promise<{ readonly entry: PolicyEntry; readonly row: IdentityRow }> {
  const { policies } = await deps.policies.document();
  const entry = policies.find(({ policy }) => policy.id === identityId);
  if (entry) return { entry, row: await mustKnow(deps, identityId) };
  const near = alike(
    identityId,
    policies.map(({ policy }) => policy),
  );
  const hint = near.length === 0 ? '' : ` Did you mean ${near.join(' or ')}?`;
  const message = `There is no identity ${identityId} among the ${policies.length} that are deployed.${hint} Nothing was changed and no run was opened. Start again with its id; gapless plan lists them all.`;
  throw new Failure('UnknownIdentity', message, 'none');
}

function parseInput(input: unknown): RevocationInput {
  const result = revocationInput.safeParse(input);
  if (result.success) return result.data;
  const wrong = complaintsOf(result.error, input).map(({ field, message }) => `${field}: ${message}`);
  const message = `${wrong.join('; ')}. Start again with {"identityId": "orders-db", "reason": "why"}, and "reissue": true if a new credential is wanted afterwards. Nothing was changed and no run was opened.`;
  throw new Failure('InvalidInput', message, 'none');
}

function initialState(
  request: RevocationInput,
  row: IdentityRow,
  entry: PolicyEntry,
  { execution, origin }: { readonly execution: Execution; readonly origin: Origin },
): RunState {
  return {
    runId: execution.name,
    kind: 'revocation',
    identityId: row.id,
    route: `${row.kind}/${row.network}`,
    network: row.network,
    fence: row.fence,
    seq: 0,
    prev: GENESIS.prev,
    proofSeq: 0,
    proofPrev: GENESIS.prev,
    approval: entry.policy.approval.revocation,
    overlapSeconds: 0,
    requestedAt: origin.requestedAt,
    actor: origin.actor,
    about: null,
    candidate: null,
    superseded: null,
    cut: null,
    cutFrom: null,
    confirmedAt: null,
    direction: null,
    notBefore: null,
    round: 1,
    reissue: request.reissue === true ? nameOf('reissue', execution.name) : null,
  };
}

function opened(
  request: RevocationInput,
  row: IdentityRow,
  { policy, sha256 }: PolicyEntry,
  origin: Origin,
): Statement {
  return {
    type: 'RunOpened',
    kind: 'revocation',
    identity: identityFacts({ policy, sha256 }),
    trigger: origin.trigger,
    reason: request.reason,
    slot: null,
    attempt: 0,
    requestedAt: origin.requestedAt,
    dueAt: null,
    deadline: iso(Date.parse(origin.requestedAt) + seconds(policy.revocation.within) * 1_000),
    policy: { id: policy.id, revision: row.policyRevision, sha256 },
    stages: [...revocationStages, ...(request.reissue === true ? ['Reissue'] : [])],
    concurrentRuns: null,
    about: origin.about,
  };
}
