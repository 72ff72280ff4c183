import * as z from 'zod/mini';
import type { Call } from '../../core/call';
import type { Probe, ProbePath, Verdict } from '../../core/probe';
import { PROVABLE_ALERTS } from './alerts';
import { type Exchange, exchange } from './exchange';
import { impostorOf } from './impostor';
import { type TlsTarget, targetOf, type TlsVersion } from './target';
import { serialOf } from './x509/certificate';

/** Part of a call's time that one presentation may take. */
const SHARE = 0.9;

/** What one TLS version made of a certificate. `plain`: a refusal that anybody on the way could have sent. */
interface Seen {
  readonly version: TlsVersion;
  readonly verdict: Verdict;
  readonly rawCode: string;
  readonly sent: 'protected' | 'plain';
}

/** Makes a fresh handshake of each TLS version with the pair, and holds what comes back against the README's table. */
export const probe: Probe = {
  async observe(subject, _version, material, path, call) {
    const target = targetOf(subject);
    const started = call.monotonic();
    const [certificate, key] = [material.reveal('certificate'), material.reveal('key')];
    const serial = certificate === undefined ? undefined : serialOf(certificate);
    if (certificate === undefined || key === undefined || serial === undefined)
      return { verdict: inconclusive('the material holds no pair'), rawCode: 'NO_PAIR', latencyMs: 0 };
    const where = { ...endpointOf(target, path), certificate, key, timeoutMs: share(call) };
    const seen = await Promise.all(
      target.versions.map(async (version) =>
        seenIn(target, version, serial, await exchange(target, { ...where, version })),
      ),
    );
    return { verdict: together(seen), rawCode: codesOf(seen), latencyMs: call.monotonic() - started };
  },

  randomLike: (material, call) => impostorOf(material, call),
};

/** The README's table. An answer has to name the certificate it is about, so that it cannot be about no certificate. */
function seenIn(target: TlsTarget, version: TlsVersion, serial: string, seen: Exchange): Seen {
  switch (seen.end) {
    case 'alert':
      return {
        version,
        verdict: ofAlert(target, seen.alert),
        rawCode: `alert ${seen.alert}`,
        sent: seen.sent,
      };
    case 'answer':
      return { version, ...ofAnswer(serial, seen), sent: 'protected' };
    case 'nothing': {
      const verdict = inconclusive(`no answer that proves anything: ${seen.code}`);
      return { version, verdict, rawCode: seen.code, sent: 'plain' };
    }
    default:
      return seen satisfies never;
  }
}

function ofAlert({ probe: { alerts } }: TlsTarget, alert: string): Verdict {
  // The certificate's time is over by the endpoint's clock, or the list's is: not what a revocation looks like.
  if (alert === 'certificate_expired') return { state: 'refused', signal: alert };
  if (alerts.some((each) => each === alert)) return { state: 'refused', signal: alert };
  return inconclusive(`the alert ${alert} is not among those that the policy lists as proof`);
}

const answered = z.object({ serial: z.string(), error: z.optional(z.string()) });

function ofAnswer(
  serial: string,
  { status, body }: Extract<Exchange, { end: 'answer' }>,
): Pick<Seen, 'verdict' | 'rawCode'> {
  const said = answered.safeParse(jsonOf(body)).data;
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

/** One code where all versions got the same. */
function codesOf(seen: readonly Seen[]): string {
  const [first, ...different] = new Set(seen.map(({ rawCode }) => rawCode));
  if (first !== undefined && different.length === 0) return first;
  return seen.map(({ version, rawCode }) => `${version} ${rawCode}`).join('; ');
}

/** Every version has to say the same: a pair that one of them takes is neither dead nor working for everybody. */
function together(seen: readonly Seen[]): Verdict {
  const [first, ...others] = seen.map(({ verdict }) => verdict);
  if (first === undefined) return inconclusive('no TLS version was tried');
  const open = seen.find(({ verdict }) => verdict.state === 'inconclusive');
  const different = others.some(({ state }) => state !== first.state);
  if (open && !different) return open.verdict;
  if (different) {
    const states = seen.map(({ version, verdict }) => `${verdict.state} over ${version}`).join(', ');
    return inconclusive(`not the same over every version: ${states}`);
  }
  // The weakest refusal stands for all: what one version only says of clocks or registrations is not made up for.
  const weak = seen.find(({ verdict }) => verdict.state === 'refused' && !isProof(verdict.signal));
  if (weak) return weak.verdict;
  const shown = seen.find(({ sent }) => sent === 'protected');
  if (first.state !== 'refused' || shown) return shown?.verdict ?? first;
  // Before TLS 1.3 alerts of a handshake are sent in the clear: a proxy could have answered in the endpoint's place.
  return inconclusive(
    'an alert that nothing protected, and no answer beside it that the endpoint vouched for',
  );
}

function isProof(signal: string): boolean {
  return PROVABLE_ALERTS.some((each) => each === signal);
}

function endpointOf(
  target: TlsTarget,
  { address }: ProbePath,
): { readonly host: string; readonly port: number } {
  if (address === undefined) return target;
  const url = new URL(/^[a-z]+:\/\//.test(address) ? address : `https://${address}`);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return { host, port: url.port === '' ? 443 : Number(url.port) };
}

function share(call: Call): number {
  return Math.max(1, Math.floor(call.timeoutMs * SHARE));
}

/** A word of the endpoint's, as far as it is one: evidence quotes no sentences of the far side. */
function named(error: string): string {
  return /^[a-z_]{1,40}$/.test(error) ? error : 'other';
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function inconclusive(cause: string): Verdict {
  return { state: 'inconclusive', cause };
}
