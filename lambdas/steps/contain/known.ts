import type { Subject } from '../../../core/call';
import type { CredentialVersion } from '../../../core/credential';
import { Failure } from '../../../core/failure';
import type { Policy } from '../../../core/policy/schema';
import type { IdentityRow, Obligation } from '../../../core/ports/registry';
import type { Labels } from '../../../core/ports/vault';
import { remoteIdOfListed, UNLISTED } from '../../../core/run/revoking';
import type { MutatorDeps } from '../deps';

type Ports = Pick<MutatorDeps, 'vault' | 'connector'>;

/** Why a version is owed a refusal that only the secret names: such an obligation is no note of ours that it is the identity's. */
export const NAMED_BY_SECRET = 'revoked; only the secret names it';

/** A version to be contained. `noted`: whether our own notes name it, rather than the secret alone. */
export interface Known extends CredentialVersion {
  readonly noted: 'yes' | 'no';
}

/** Versions to be contained, and versions of the secret that hold somebody else's credential, or none of the kind. */
export interface Remembered {
  readonly known: readonly Known[];
  readonly disowned: readonly string[];
}

/**
 * Every version of the identity that anybody remembers: what the vault labels, what the registry noted, and what is
 * owed a refusal or a removal. A version whose material is gone is known by what the target called it.
 */
export async function knownVersions(
  deps: Ports,
  policy: Policy,
  subject: Subject,
  known: { readonly row: IdentityRow; readonly owed: readonly Obligation[] },
): Promise<Remembered> {
  const { current, pending, previous } = await labelsOf(deps, policy);
  const noted = [...known.row.versions, ...known.owed];
  const notes = [...known.row.versions, ...known.owed.filter(({ why }) => why !== NAMED_BY_SECRET)];
  const ids = [current, pending, previous, ...noted.map(({ versionId }) => versionId)];
  const found = await Promise.all(
    [...new Set(ids.filter((id) => id !== undefined))].map(async (versionId) => {
      const remembered = noted.find((each) => each.versionId === versionId && each.remoteId !== '')?.remoteId;
      const holds = await materialOf(deps, policy, subject, versionId);
      const isNoted = notes.some((each) => each.versionId === versionId) ? 'yes' : 'no';
      const remoteId = holds.remoteId ?? remembered;
      return { versionId, remoteId, noted: isNoted, holds: holds.state } as const;
    }),
  );
  return {
    known: found.flatMap(({ versionId, remoteId, noted: isNoted }) =>
      remoteId === undefined ? [] : [{ versionId, remoteId, noted: isNoted }],
    ),
    disowned: found.flatMap(({ versionId, remoteId, holds }) =>
      remoteId === undefined && holds === 'another' ? [versionId] : [],
    ),
  };
}

/** Without its secret an identity is contained all the same, by what the registry and the target know. */
async function labelsOf(deps: Ports, policy: Policy): Promise<Labels> {
  return orNone(deps.vault.labels(policy.secret), {
    current: undefined,
    pending: undefined,
    previous: undefined,
  });
}

/** What the vault holds under a version's id: a credential of the identity, another one, or nothing that can be read. */
type Holding =
  | { readonly state: 'own'; readonly remoteId: string }
  | { readonly state: 'another' | 'nothing'; readonly remoteId?: undefined };

async function materialOf(
  deps: Ports,
  policy: Policy,
  subject: Subject,
  versionId: string,
): Promise<Holding> {
  if (versionId === UNLISTED || remoteIdOfListed(versionId) !== undefined) return { state: 'nothing' };
  const material = await orNone(deps.vault.read(policy.secret, versionId), undefined);
  if (material === undefined) return { state: 'nothing' };
  const remoteId = deps.connector.operations.remoteIdOf(subject, material);
  return remoteId === undefined ? { state: 'another' } : { state: 'own', remoteId };
}

/** A secret that is gone, or holds something else, must not keep the credentials at the target alive. */
async function orNone<T>(asked: Promise<T>, none: T): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Failure && ['SecretMissing', 'InvalidInput'].includes(error.name)) return none;
    throw error;
  }
}
