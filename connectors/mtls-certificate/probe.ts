import type { Call } from '../../core/call';
import type { Probe, ProbePath, Verdict } from '../../core/probe';
import { inconclusive, isProof, ofAlert, ofAnswer } from './answers';
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

/** What one version's exchange comes to. */
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
