import { actorOf, idOf } from '../../../core/approval/principal';
import { freeze } from '../../../core/approval/request';
import type { Actor } from '../../../core/evidence/record';
import type { StartRequest } from '../../../core/ports/approvals';
import type { Deps } from '../deps';

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
  deps: Pick<Deps, 'registry'>,
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
