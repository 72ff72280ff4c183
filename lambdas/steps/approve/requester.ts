import { actorOf, idOf, type Principal, type Requester } from '../../../core/approval/principal';
import { freeze } from '../../../core/approval/request';
import { childRunId } from '../../../core/bulk/list';
import { parseRecord, type Actor, type RecordOf } from '../../../core/evidence/record';
import type { StartRequest, StartRequests } from '../../../core/ports/approvals';
import type { Deps, Using } from '../deps';
import { nameOf } from '../settle/name';

/** Who started an execution, when that was verified. */
export interface StartedBy {
  readonly actor: Actor;
  /** `asked`: the second person was left out on purpose; a review is owed (`oweReview`). */
  readonly breakGlass: 'asked' | 'no';
}

/**
 * Looks up who asked for an execution. The API stores the request before it starts the execution, so an execution that
 * has none, or another input than was asked for, was started in another way: then whoever its input names is only claimed.
 */
export async function requestOf(
  deps: Using<StartRequests>,
  kind: StartRequest['kind'],
  executionName: string,
  input: unknown,
): Promise<StartedBy | undefined> {
  const request = await deps.registry.startRequest(executionName);
  if (request?.kind !== kind || typeof input !== 'object' || input === null) return undefined;
  if (freeze(input).sha256 !== request.inputSha256) return undefined;
  const { principal, breakGlass } = request;
  const actor: Actor =
    breakGlass === 'asked'
      ? { type: 'breakGlass', id: idOf(principal), assurance: 'verified' }
      : actorOf(principal);
  return { actor, breakGlass };
}

/** Who asked for a run, as far as it was verified when an execution was started through the API. */
export async function requesterOf(
  deps: Pick<Deps, 'evidence'> & Using<StartRequests>,
  opened: RecordOf<'RunOpened'>,
): Promise<Requester> {
  const own = await verifiedFor(deps, opened);
  if (own) return { actor: opened.actor, principal: own };
  const principal = await askedBefore(deps, opened);
  return principal ? { actor: actorOf(principal), principal } : { actor: opened.actor, principal: undefined };
}

/**
 * Who asked for a run by asking for the one that then started it, under the name that it gives: a revocation its reissue,
 * a bulk revocation each of its own.
 */
async function askedBefore(
  deps: Pick<Deps, 'evidence'> & Using<StartRequests>,
  { runId, trigger, about, identity }: RecordOf<'RunOpened'>,
): Promise<Principal | undefined> {
  if (about === null) return undefined;
  const stored = await deps.evidence.get('RUN', about, 0);
  const starter = stored && parseRecord(stored.body);
  if (starter?.type !== 'RunOpened') return undefined;
  const reissued =
    trigger === 'reissue' && starter.stages.includes('Reissue') && runId === nameOf('reissue', about);
  const listed = starter.kind === 'bulk' && runId === childRunId(about, identity.id);
  return reissued || listed ? verifiedFor(deps, starter) : undefined;
}

async function verifiedFor(
  { registry }: Using<StartRequests>,
  { runId, actor }: RecordOf<'RunOpened'>,
): Promise<Principal | undefined> {
  if (actor.assurance !== 'verified') return undefined;
  const request = await registry.startRequest(runId);
  // A request row of another input is not what Open took the run's actor from.
  return request && idOf(request.principal) === actor.id ? request.principal : undefined;
}
