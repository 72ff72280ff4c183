import type { RecordOf } from '../../../core/evidence/record';
import type { IdentityRow, Obligations } from '../../../core/ports/registry';
import type { Deps, Using } from '../deps';
import { abandoned } from '../turned-back';
import { policyOf } from './finish';

type Ports = Pick<Deps, 'policies' | 'now'> & Using<Obligations>;

/**
 * Owes the refusal of the candidate that a rotation noted and had to leave, because the identity was taken from it. The
 * note comes before the candidate is durable, and goes when it is taken back or in force. Nothing else of the identity is
 * touched: it is another's now. Whoever marked it revoked since has read the note and demands that refusal itself.
 * @returns what stays owed, as RunClosed names it
 */
export async function oweCandidate(
  deps: Ports,
  { runId, kind, about }: RecordOf<'RunOpened'>,
  row: IdentityRow | undefined,
): Promise<string[]> {
  const candidate = row?.versions.find((each) => each.runId === runId && each.stage === 'AWSPENDING');
  if (!row || !candidate || kind !== 'rotation') return [];
  const { id, revoked } = row;
  if (revoked !== undefined && revoked.runId !== about) return [];
  const policy = (await policyOf(deps, id)) ?? { id };
  const owed = abandoned(policy, revoked?.runId ?? runId, candidate, deps.now());
  const why = 'minted by a run that the identity was taken from';
  // What a reissue made joins what the revocation before it demands dead.
  await deps.registry.openObligation({ ...owed, by: revoked ? 'revocation' : 'rotation', why });
  return [`refusal ${candidate.versionId}`];
}
