import type { Verdict } from '../../core/probe';
import { parsed, textOf } from '../../net/json';
import { type Answer, RequestFailure, sendPinned, systemResolve } from '../../net/pinned-request';
import type { ClientTarget, Resource } from './target';
import { clockOf } from './token';

/** The error code of RFC 6750, section 3.1, for a token that is expired, revoked or malformed. */
const INVALID_TOKEN = 'invalid_token';

/** What a resource server made of a token. */
export interface Seen {
  readonly verdict: Verdict;
  /** Its clock, epoch milliseconds, to the second; undefined where it does not say. */
  readonly now: number | undefined;
}

/** Calls a resource server with a bearer token. No answer is inconclusive too. */
export async function useToken(
  { allowPrivate, ca }: ClientTarget,
  resource: Resource,
  token: { readonly value: string; readonly clientId: string },
  timeoutMs: number,
): Promise<Seen> {
  const trust = ca === undefined ? {} : { ca };
  const headers = { authorization: `Bearer ${token.value}` };
  const url = new URL(resource.url);
  const request = { method: 'GET', url, headers, timeoutMs: Math.max(1, timeoutMs), allowPrivate } as const;
  try {
    const answer = await sendPinned({ ...request, ...trust }, systemResolve);
    return { verdict: verdictOf(resource, answer, token.clientId), now: clockOf(answer.headers) };
  } catch (error) {
    if (!(error instanceof RequestFailure)) throw error;
    return { verdict: { state: 'inconclusive', cause: error.rawCode }, now: undefined };
  }
}

/** The table of answers of a resource server that prove something about a token. */
function verdictOf({ client }: Resource, { status, body, headers }: Answer, clientId: string): Verdict {
  const error = challengeOf(headers['www-authenticate']);
  if (status === 200 && textOf(parsed(body), client) === clientId) return { state: 'accepted' };
  if (status === 401 && error === INVALID_TOKEN) return { state: 'refused', signal: INVALID_TOKEN };
  // The token was recognised and lacks a scope: it lives (RFC 6750, section 3.1).
  if (status === 403 && error === 'insufficient_scope') return { state: 'accepted' };
  return {
    state: 'inconclusive',
    cause: `HTTP ${status} with this answer is not among those that prove something`,
  };
}

function challengeOf(header: string | undefined): string | undefined {
  return /^Bearer\b.*\berror="([a-z_]+)"/is.exec(header ?? '')?.[1];
}
