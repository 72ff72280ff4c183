import type { Material } from '../../core/material';
import type { Verdict } from '../../core/probe';
import { numberOf, parsed, textOf } from '../../net/json';
import { type Answer, sendPinned, systemResolve } from '../../net/pinned-request';
import type { ClientTarget } from './target';
import { INVALID_CLIENT } from './traits';

/** How a client shows who it is. */
export interface ClientSecret {
  readonly id: string;
  readonly secret: string;
}

/** The client that a secret is for; undefined when it is of another kind. */
export function clientIn(material: Material): ClientSecret | undefined {
  const [id, secret] = [material.reveal('client_id'), material.reveal('client_secret')];
  return id && secret ? { id, secret } : undefined;
}

/** An access token, and what its issuer said with it. */
export interface Token {
  readonly value: string;
  /** Its life in milliseconds; undefined where the issuer does not say. */
  readonly lifeMs: number | undefined;
  /** The issuer's clock when it answered, epoch milliseconds, to the second; undefined where it does not say. */
  readonly issuerNow: number | undefined;
}

/**
 * Asks for a token with client credentials (RFC 6749, section 4.4), the client shown by HTTP Basic (section 2.3.1).
 * @throws RequestFailure when there is no answer
 */
export async function askForToken(
  { scope, audience, allowPrivate, ca }: ClientTarget,
  url: URL,
  client: ClientSecret,
  timeoutMs: number,
): Promise<Answer> {
  const form = {
    grant_type: 'client_credentials',
    ...(scope !== undefined && { scope }),
    ...(audience !== undefined && { resource: audience }),
  };
  const headers = { authorization: basic(client) };
  const trust = ca === undefined ? {} : { ca };
  return sendPinned(
    { method: 'POST', url, headers, form, timeoutMs: Math.max(1, timeoutMs), allowPrivate, ...trust },
    systemResolve,
  );
}

function basic({ id, secret }: ClientSecret): string {
  const encoded = [id, secret].map((text) => new URLSearchParams({ '': text }).toString().slice(1));
  return `Basic ${Buffer.from(encoded.join(':')).toString('base64')}`;
}

/** The token of an answer; undefined when it holds none. */
export function tokenIn({ status, body, headers }: Answer): Token | undefined {
  if (status !== 200) return undefined;
  const said = parsed(body);
  const [value, type] = [textOf(said, 'access_token'), textOf(said, 'token_type')];
  if (value === undefined || type?.toLowerCase() !== 'bearer') return undefined;
  const seconds = numberOf(said, 'expires_in');
  return { value, lifeMs: seconds === undefined ? undefined : seconds * 1_000, issuerNow: clockOf(headers) };
}

/** What the far side's clock said, epoch milliseconds. */
export function clockOf({ date }: Answer['headers']): number | undefined {
  const at = Date.parse(date ?? '');
  return Number.isNaN(at) ? undefined : at;
}

/** The table of answers of a token endpoint that prove something; everything else is inconclusive. */
export function verdictOf(answer: Answer): Verdict {
  if (tokenIn(answer)) return { state: 'accepted' };
  const error = textOf(parsed(answer.body), 'error');
  const said = `HTTP ${answer.status}`;
  switch (error) {
    case INVALID_CLIENT:
      if (answer.status === 401 || answer.status === 400) return { state: 'refused', signal: INVALID_CLIENT };
      break;
    case 'unauthorized_client':
    case 'invalid_scope':
      // The client was authenticated first, and may not have this: it lives (RFC 6749, section 5.2).
      if (answer.status === 400) return { state: 'accepted' };
      break;
    default:
      break;
  }
  return {
    state: 'inconclusive',
    cause: `${said} with this body is not among the answers that prove something`,
  };
}
