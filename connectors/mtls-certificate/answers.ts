import * as z from 'zod/mini';
import type { Verdict } from '../../core/probe';
import { parsed } from '../../net/json';
import { PROVABLE_ALERTS } from './alerts';
import type { Exchange } from './exchange';
import type { TlsTarget } from './target';

// The table of answers that prove something, README section What proves something; everything else is inconclusive.

/**
 * What an alert says of the certificate that was shown: one of those the policy lists, or that its time is over by the
 * endpoint's clock.
 */
export function ofAlert({ probe: { alerts } }: TlsTarget, alert: string): Verdict {
  // The certificate's time is over by the endpoint's clock, or the list's is: not what a revocation looks like.
  if (alert === 'certificate_expired') return { state: 'refused', signal: alert };
  if (alerts.some((each) => each === alert)) return { state: 'refused', signal: alert };
  return inconclusive(`the alert ${alert} is not among those that the policy lists as proof`);
}

const answered = z.object({ serial: z.string(), error: z.optional(z.string()) });

/** What an answer says of the certificate with this serial, and the code for evidence. */
export function ofAnswer(
  serial: string,
  { status, body }: Extract<Exchange, { end: 'answer' }>,
): { readonly verdict: Verdict; readonly rawCode: string } {
  const said = answered.safeParse(parsed(body)).data;
  const rawCode = `HTTP ${status}${said?.error === undefined ? '' : ` ${named(said.error)}`}`;
  if (said?.serial !== serial)
    return { verdict: inconclusive(`${rawCode} that does not name the certificate shown`), rawCode };
  return { verdict: ofStatus(status, said.error), rawCode };
}

function ofStatus(status: number, error: string | undefined): Verdict {
  // Recognised, and not allowed to do this: it lives.
  if (status === 200 || (status === 403 && error === 'forbidden')) return { state: 'accepted' };
  if (status !== 401) return inconclusive(`HTTP ${status} is not among the answers that prove something`);
  switch (error) {
    case 'certificate_revoked':
    case 'unknown_ca':
      return { state: 'refused', signal: error };
    // Refused, but neither shows that the certificate is dead: clocks can be wrong, and registering brings it back.
    case 'certificate_expired':
    case 'not_registered':
      return { state: 'refused', signal: error };
    case 'certificate_not_yet_valid':
      return inconclusive('not valid yet, by the endpoint’s clock: it will be, so this is no refusal');
    default:
      return inconclusive('HTTP 401 with this error is not among the answers that prove something');
  }
}

/** Whether a refusal with this signal shows that the certificate itself is dead. */
export function isProof(signal: string): boolean {
  return PROVABLE_ALERTS.some((each) => each === signal);
}

/** A word of the endpoint's, as far as it is one: evidence quotes no sentences of the far side. */
function named(error: string): string {
  return /^[a-z_]{1,40}$/.test(error) ? error : 'other';
}

/** A verdict that proves nothing, and why. */
export function inconclusive(cause: string): Verdict {
  return { state: 'inconclusive', cause };
}
