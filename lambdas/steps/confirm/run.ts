import { inputHash, loggedActor, loggedStart, notOf, type LoggedStart } from '../../../core/approval/api-log';
import { confirmationIdOf, confirmedFor, MOST_CONFIRMED } from '../../../core/approval/confirmed';
import { parseRecord, type RecordOf } from '../../../core/evidence/record';
import { Failure } from '../../../core/failure';
import type { ApprovalKind } from '../../../core/ports/approvals';
import type { RunRegistry } from '../../../core/ports/registry';
import type { Deps, Using } from '../deps';
import { nameOf } from '../settle/name';
import { shortRun, type Opening, type Saying } from '../short-run';

/** What confirming asks for: the ARNs of the machines that people may start, beside the stores. */
export type ConfirmDeps = Pick<Deps, 'evidence' | 'policies' | 'notices' | 'now' | 'ledgerId' | 'code'> &
  Using<RunRegistry> & { readonly machines: Readonly<Record<ApprovalKind, string | undefined>> };

/** What became of an event: `known` was recorded before, `nothing` is recorded of. */
export interface Confirmed {
  readonly state: 'confirmed' | 'known' | 'nothing';
  /** The run that was started. */
  readonly about?: string;
  readonly why?: string;
}

/** Its first step may still be waited for; an execution with a wrong input never opens a run. */
const OPENS_WITHIN_MS = 10 * 60_000;

/**
 * Records who started a run, where the run's own records only claim it and the account's API log says it. The run is not
 * touched: it may have closed, and only its own steps write it. What is recorded is a run of kind `confirmation` about it.
 * @throws Failure StoreUnavailable while the run may still be opened: the event is delivered again
 */
export async function confirm(deps: ConfirmDeps, event: unknown): Promise<Confirmed> {
  const start = loggedStart(event);
  if (!start) return nothing('it tells of no execution that somebody has started');
  const asked = askedFor(deps, start);
  if (!asked) return nothing(`${start.executionArn} is no execution of a machine that people may start`);
  const stored = await deps.evidence.get('RUN', asked.runId, 0);
  const opened = stored && parseRecord(stored.body);
  if (opened?.type !== 'RunOpened') return neverOpened(deps, start, asked.runId);
  const why = settledOtherwise(opened, asked.kind) ?? notOf(start, opened);
  if (why !== undefined) return { ...nothing(why), about: opened.runId };
  return recorded(deps, start, opened);
}

function nothing(why: string): Confirmed {
  return { state: 'nothing', why };
}

/** The kind and id of the run that an execution of ours has: its machine says the kind, its name is the id. */
function askedFor({ machines }: ConfirmDeps, { executionArn }: LoggedStart) {
  for (const kind of ['rotation', 'revocation', 'bulk'] as const) {
    const executions = `${machines[kind]?.replace(':stateMachine:', ':execution:') ?? ''}:`;
    const runId = executionArn.slice(executions.length);
    if (executions.length > 1 && executionArn.startsWith(executions) && /^[^:]+$/.test(runId))
      return { kind, runId };
  }
  return undefined;
}

function neverOpened({ now }: ConfirmDeps, { at }: LoggedStart, runId: string): Confirmed {
  if (now() - Date.parse(at) > OPENS_WITHIN_MS) return { ...nothing('no run was opened'), about: runId };
  const message = `Run ${runId} was started at ${at} and is not opened yet. Nothing was recorded; the event is delivered again.`;
  throw new Failure('StoreUnavailable', message, 'none');
}

/** Who asked is verified already, or the run belongs to whoever asked for the one that started it. */
function settledOtherwise(opened: RecordOf<'RunOpened'>, kind: ApprovalKind): string | undefined {
  if (opened.kind !== kind) return `run ${opened.runId} is a ${opened.kind}, not a ${kind}`;
  if (opened.actor.assurance === 'verified') return 'who asked was verified when the run was asked for';
  const { runId, trigger, about } = opened;
  const derived = trigger === 'bulk' || (about !== null && runId === nameOf('reissue', about));
  return derived ? `it was started by run ${about ?? ''}` : undefined;
}

async function recorded(
  deps: ConfirmDeps,
  start: LoggedStart,
  opened: RecordOf<'RunOpened'>,
): Promise<Confirmed> {
  const about = opened.runId;
  const requester = loggedActor(start);
  for (let nth = 1; nth <= MOST_CONFIRMED; nth += 1) {
    const runId = confirmationIdOf(about, nth);
    const done = await shortRun(deps, openingOf(runId, start, opened), sayingOf(start, opened));
    // Another event may have come first; then that place says whom it named.
    const there = (await confirmedFor(deps.evidence, about))[nth - 1];
    if (there?.requester.id === requester.id)
      return { state: done === 'recorded' ? 'confirmed' : 'known', about };
  }
  return { ...nothing(`${MOST_CONFIRMED} others are recorded for it`), about };
}

function openingOf(
  runId: string,
  start: LoggedStart,
  { identity, runId: about }: RecordOf<'RunOpened'>,
): Opening {
  return {
    runId,
    kind: 'confirmation',
    identityId: identity.id,
    actor: loggedActor(start),
    stage: 'Confirm',
    trigger: 'API log',
    reason: null,
    requestedAt: start.at,
    deadline: null,
    about,
    stages: ['Confirm'],
    executionArn: 'none',
  };
}

function sayingOf(start: LoggedStart, { actor, runId }: RecordOf<'RunOpened'>): Saying {
  const { arn: principalArn, executionArn, eventId, at: eventTime } = start;
  const requester = loggedActor(start);
  const sentence = `confirmed by API log ${eventId}: ${requester.id} started run ${runId}`;
  return {
    statement: {
      type: 'RequesterConfirmed',
      requester,
      principalArn: principalArn.slice(0, 512),
      claimed: actor,
      executionArn: executionArn.slice(0, 512),
      eventId: eventId.slice(0, 512),
      eventTime,
      inputSha256: inputHash(start),
    },
    outcome: 'recorded',
    cause: { code: 'ConfirmedByApiLog', sentence },
  };
}
