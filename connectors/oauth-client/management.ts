import type { Call } from '../../core/call';
import { Failure } from '../../core/failure';
import { answerFailure } from '../../net/answer-failure';
import { parsed } from '../../net/json';
import { type PinnedRequest, sendPinned, shown, systemResolve } from '../../net/pinned-request';
import type { ClientTarget } from './target';

/** Part of a call's time that one request may take: several make up one verb. */
const SHARE = 0.2;

/** What a management endpoint said: done, or nothing to do. Everything else is thrown. */
export interface Told {
  readonly state: 'done' | 'alreadySo';
  readonly body: unknown;
}

type Request = Pick<PinnedRequest, 'method' | 'url' | 'body'>;

/** The field of the authority's secret that holds the bearer token. */
type TokenField = 'token' | 'denyToken';

/**
 * One request to the registration endpoint, or to the deny list, with the authority's bearer token.
 * @throws Failure AdminSecretMissing, and by status AdminRightsMissing, TargetThrottled, TargetUnreachable,
 * TargetRejected; bodies are never quoted
 */
export async function ask(
  { allowPrivate, ca }: ClientTarget,
  request: Request,
  call: Call,
  field: TokenField = 'token',
): Promise<Told> {
  const token = call.authority.reveal(field);
  if (!token) throw noToken(field);
  const trust = ca === undefined ? {} : { ca };
  const timeoutMs = Math.max(1, Math.floor(call.timeoutMs * SHARE));
  const answer = await sendPinned(
    { ...request, headers: { authorization: `Bearer ${token}` }, timeoutMs, allowPrivate, ...trust },
    systemResolve,
  );
  if ([200, 201, 202, 204].includes(answer.status)) return { state: 'done', body: parsed(answer.body) };
  if ([404, 410].includes(answer.status) && request.method !== 'POST')
    return { state: 'alreadySo', body: undefined };
  const [{ method, url }, { status }] = [request, answer];
  throw answerFailure({
    method,
    status,
    said: `${method} ${shown(url)} answered HTTP ${status}`,
    rights: 'The token of the secret does not suffice; connectors/oauth-client/README.md lists what it takes',
    next: 'Such an answer is not known here',
  });
}

function noToken(field: string): Failure {
  const message = `The secret of target.admin or target.control has no field ${field}. Nothing was sent. Add it: connectors/oauth-client/README.md says what it may do`;
  return new Failure('AdminSecretMissing', message, 'none');
}
