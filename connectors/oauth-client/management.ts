import type { Call } from '../../core/call';
import { Failure } from '../../core/failure';
import { type PinnedRequest, sendPinned, shown, systemResolve } from '../../net/pinned-request';
import { parsed } from './json';
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
  throw failureOf(request, answer.status);
}

function noToken(field: string): Failure {
  const message = `The secret of target.admin or target.control has no field ${field}. Nothing was sent. Add it: connectors/oauth-client/README.md says what it may do`;
  return new Failure('AdminSecretMissing', message, 'none');
}

function failureOf({ method, url }: Request, status: number): Failure {
  const said = `${method} ${shown(url)} answered HTTP ${status}`;
  const effect = method === 'GET' ? 'none' : 'unknown';
  if (status === 401 || status === 403) {
    const next =
      'The token of the secret does not suffice; connectors/oauth-client/README.md lists what it takes';
    return new Failure('AdminRightsMissing', `${said}. ${next}. Nothing was changed`, 'none');
  }
  if (status === 429)
    return new Failure('TargetThrottled', `${said}; asked again later. Nothing was changed`, 'none');
  if (status >= 500) return new Failure('TargetUnreachable', `${said}; asked again later`, effect);
  if (status >= 300 && status < 400) {
    const next = 'Redirects are not followed: put the final URL into the policy';
    return new Failure('TargetRejected', `${said}. ${next}. Nothing was changed`, 'none');
  }
  return new Failure('TargetRejected', `${said}. Such an answer is not known here`, effect);
}
