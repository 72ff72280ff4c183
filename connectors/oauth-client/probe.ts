import type { Call } from '../../core/call';
import type { Material } from '../../core/material';
import type { Observation, Probe, ProbePath, Verdict } from '../../core/probe';
import { urlAt } from '../../net/edge';
import { parsed, textOf } from '../../net/json';
import { type Answer, RequestFailure } from '../../net/pinned-request';
import { type ClientTarget, targetOf } from './target';
import { askForToken, clientIn, verdictOf } from './token';

/** Part of a call's time that one presentation may take. */
const SHARE = 0.9;
const leastRandomBytes = 16;
/** An error code of a token endpoint as evidence may keep it. */
const plainCode = /^[a-z_]{1,40}$/;

/** Asks the token endpoint for a token, as a consumer would. */
export const probe: Probe = {
  async observe(subject, _version, material, path, call) {
    const target = targetOf(subject);
    const started = call.monotonic();
    const seen = await present(target, material, path, call);
    return { ...seen, latencyMs: call.monotonic() - started };
  },

  randomLike(material, call) {
    const { length } = material.reveal('client_secret') ?? '';
    const bytes = call.random(Math.max(leastRandomBytes, Math.ceil((length * 3) / 4)));
    return material.with({ client_secret: bytes.toString('base64url') });
  },
};

type Seen = Pick<Observation, 'verdict' | 'rawCode'>;

async function present(target: ClientTarget, material: Material, path: ProbePath, call: Call): Promise<Seen> {
  const client = clientIn(material);
  if (!client) return { verdict: inconclusive('the material holds no client'), rawCode: 'NO_CLIENT' };
  try {
    const answer = await askForToken(
      target,
      urlAt(target.token, path),
      client,
      Math.floor(call.timeoutMs * SHARE),
    );
    return { verdict: verdictOf(answer), rawCode: codeOf(answer) };
  } catch (error) {
    if (!(error instanceof RequestFailure)) throw error;
    return {
      verdict: inconclusive(`no answer that proves anything: ${error.rawCode}`),
      rawCode: error.rawCode,
    };
  }
}

function codeOf({ status, body }: Answer): string {
  const error = textOf(parsed(body), 'error') ?? '';
  return plainCode.test(error) ? `HTTP ${status} ${error}` : `HTTP ${status}`;
}

function inconclusive(cause: string): Verdict {
  return { state: 'inconclusive', cause };
}
