import type { Call } from '../../core/call';
import type { Material } from '../../core/material';
import type { Observation, Probe } from '../../core/probe';
import { RequestFailure } from '../../net/pinned-request';
import { dataVerdict, identityVerdict, jsonError, queryError } from './answers';
import { exchange, keysIn } from './exchange';
import { type Place, placeOf } from './places';
import { type IamTarget, targetOf } from './target';

/** Part of a call's time that one presentation may take. */
const SHARE = 0.9;
const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Asks STS who the key's holder is, or the data service for a list, in the region of the path. */
export const probe: Probe = {
  async observe(subject, _version, material, path, call) {
    const target = targetOf(subject);
    const started = call.monotonic();
    const seen = await present(target, material, placeOf(target, path), call);
    return { ...seen, latencyMs: call.monotonic() - started };
  },

  randomLike(material, call) {
    const id = [...call.random(16)].map((byte) => base32[byte % base32.length]).join('');
    return material.with({
      accessKeyId: `AKIA${id}`,
      secretAccessKey: call.random(30).toString('base64'),
      sessionToken: '',
    });
  },
};

type Seen = Pick<Observation, 'verdict' | 'rawCode'>;

async function present(target: IamTarget, material: Material, place: Place, call: Call): Promise<Seen> {
  const keys = keysIn(material);
  if (!keys) return unproven('the material holds no access key', 'NO_KEY');
  const asking =
    place.service === 'dynamodb'
      ? ({ action: 'ListTables' } as const)
      : { action: 'GetCallerIdentity', read: {} };
  try {
    const signing = { keys, at: call.now(), timeoutMs: call.timeoutMs * SHARE };
    const answer = await exchange(target, place, asking, signing);
    const isData = place.service === 'dynamodb';
    const { code } = isData ? jsonError(answer) : queryError(answer);
    const rawCode = code === undefined ? `HTTP ${answer.status}` : `HTTP ${answer.status} ${code}`;
    return { verdict: isData ? dataVerdict(answer) : identityVerdict(answer), rawCode };
  } catch (error) {
    if (!(error instanceof RequestFailure)) throw error;
    return unproven(`no answer that proves anything: ${error.rawCode}`, error.rawCode);
  }
}

function unproven(cause: string, rawCode: string): Seen {
  return { verdict: { state: 'inconclusive', cause }, rawCode };
}
