import * as z from 'zod/mini';
import { sha256 } from '../ledger/hash';
import { seconds } from '../policy/duration';
import type { IdentityRow } from '../ports/registry';
import type { Lapse, LapsedAnswer } from './answers';
import { batches } from './batches';
import { checkedRun } from './checked-runs';
import type { QueryPorts } from './ports';

/** Identities looked at at the same time. */
const ABREAST = 8;
/** Verified runs of one identity that are read to find a rotation among them. */
const LOOKED_AT = 20;
/** Of these so many are read again: the newest may not hold, and then the one before it counts. */
const CHECKED = 2;

const policyBody = z.object({ id: z.string(), rotation: z.optional(z.object({ every: z.string() })) });

/**
 * Identities without a verified rotation within their policy's period. The period is read from the policy body that is
 * kept as evidence, and the rotation counts only while its chains hold: the registry's own due times prove nothing.
 * @param at ISO 8601, the end of the periods
 */
export async function lapsed(ports: QueryPorts, at: string): Promise<LapsedAnswer> {
  const rows = await ports.registry.identities();
  const found = await batches(rows, ABREAST, (row) => lookAt(ports, row, at));
  return {
    at,
    identities: rows.length,
    withoutRotation: found.filter((each) => each === 'no rotation').length,
    lapsed: found.flatMap((each) => (typeof each === 'string' ? [] : [each])),
  };
}

async function lookAt(
  ports: QueryPorts,
  row: IdentityRow,
  at: string,
): Promise<Lapse | 'no rotation' | 'within'> {
  const { id: identityId, owner, policySha256 } = row;
  const lapse = (every: string, lastVerifiedAt: string | null, why: string): Lapse => ({
    identityId,
    owner,
    every,
    lastVerifiedAt,
    why,
  });
  const body = await ports.archive.get(policySha256);
  if (body === undefined || sha256(body) !== policySha256)
    return lapse('unknown', null, `its policy ${policySha256} is not kept as evidence, or was changed`);
  const { id, rotation } = policyBody.parse(JSON.parse(body));
  // The row names the policy, and a row is no evidence: another's may ask for less.
  if (id !== identityId)
    return lapse('unknown', null, `its row names policy ${policySha256}, which is of ${id}`);
  if (!rotation) return 'no rotation';
  const { every } = rotation;
  const since = new Date(Date.parse(at) - seconds(every) * 1_000).toISOString();
  const verified = await ports.registry.runs({ identityId, outcome: 'verified', limit: LOOKED_AT });
  const rotations = await batches(
    verified.filter(({ kind }) => kind === 'rotation').slice(0, CHECKED),
    1,
    (each) => checkedRun(ports, each),
  );
  const sound = rotations.find(({ wrong }) => wrong.length === 0);
  if (sound && sound.openedAt >= since) return 'within';
  const [unsound] = rotations.flatMap(({ wrong }) => wrong);
  const last = sound?.closedAt ?? null;
  if (unsound !== undefined) return lapse(every, last, `its newest rotation does not verify: ${unsound}`);
  return lapse(
    every,
    last,
    last === null ? 'it was never rotated' : `its last rotation was verified at ${last}`,
  );
}
