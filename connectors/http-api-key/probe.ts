import type { Call } from '../../core/call';
import type { Material } from '../../core/material';
import type { Observation, Probe, ProbePath, Verdict } from '../../core/probe';
import { urlAt } from '../../net/edge';
import { parsed } from '../../net/json';
import { type Answer, RequestFailure } from '../../net/pinned-request';
import { send, textOf } from './exchange';
import type { Rule } from './schema';
import { type KeyTarget, targetOf } from './target';
import { filled, type Values } from './template';
import { GATEWAY_BLOCK, LISTED_REFUSAL } from './traits';

/** Part of a call's time that one presentation may take. */
const SHARE = 0.9;
const leastRandomBytes = 16;

/** Sends the request a consumer would, with the key, and holds the answer against the lists of the policy. */
export const probe: Probe = {
  async observe(subject, _version, material, path, call) {
    const target = targetOf(subject);
    const started = call.monotonic();
    const seen = await present(target, material, path, call);
    return { ...seen, latencyMs: call.monotonic() - started };
  },

  randomLike(material, call) {
    const key = material.reveal('key') ?? '';
    const visible = /^(?:.*[_.:])?/s.exec(key)?.[0] ?? '';
    // What stands before the last separator often names the key; it is kept unless too little would be random.
    const kept = key.length - visible.length >= leastRandomBytes ? visible : '';
    const length = Math.max(leastRandomBytes, Math.ceil((key.length - kept.length) / 2));
    return material.with({ key: `${kept}${call.random(length).toString('hex')}` });
  },
};

type Seen = Pick<Observation, 'verdict' | 'rawCode'>;

async function present(target: KeyTarget, material: Material, path: ProbePath, call: Call): Promise<Seen> {
  const [id, key] = [material.reveal('id'), material.reveal('key')];
  if (id === undefined || key === undefined || key === '')
    return { verdict: inconclusive('the material holds no key'), rawCode: 'NO_KEY' };
  const values: Values = (name) => ({ id, key })[name];
  const url = urlAt(target.probe.url, path);
  try {
    const answer = await send(target, { ...target.probe, url }, values, Math.floor(call.timeoutMs * SHARE));
    return { verdict: verdictOf(target, answer, values), rawCode: `HTTP ${answer.status}` };
  } catch (error) {
    if (!(error instanceof RequestFailure)) throw error;
    return {
      verdict: inconclusive(`no answer that proves anything: ${error.rawCode}`),
      rawCode: error.rawCode,
    };
  }
}

/** Only what the policy lists proves anything: a status and a field of the answer, never a status alone. */
function verdictOf(target: KeyTarget, answer: Answer, values: Values): Verdict {
  const { accepted, refused } = target.probe;
  const body = parsed(answer.body);
  const holds = (rule: Rule) =>
    rule.status === answer.status && textOf(body, rule.field) === filled(rule.equals, values);
  const [accepts, refuses] = [accepted.some(holds), refused.some(holds)];
  if (accepts && refuses) return inconclusive(`HTTP ${answer.status} is listed as acceptance and as refusal`);
  if (accepts) return { state: 'accepted' };
  if (refuses) return { state: 'refused', signal: LISTED_REFUSAL };
  if (target.gateway?.refused.some(holds)) return { state: 'refused', signal: GATEWAY_BLOCK };
  return inconclusive(`HTTP ${answer.status} with this body is not among the answers that prove something`);
}

function inconclusive(cause: string): Verdict {
  return { state: 'inconclusive', cause };
}
