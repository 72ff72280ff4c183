import type { Subject } from '../../../core/call';
import type { CredentialVersion } from '../../../core/credential';
import { Failure } from '../../../core/failure';
import type { Policy } from '../../../core/policy/schema';
import type { IdentityRow, Obligation } from '../../../core/ports/registry';
import type { Labels } from '../../../core/ports/vault';
import type { MutatorDeps } from '../deps';
import { held } from '../subject';

type Ports = Pick<MutatorDeps, 'vault' | 'connector'>;

/** Why a version is owed a refusal that only the secret names: such an obligation is no note of ours that it is the identity's. */
export const NAMED_BY_SECRET = 'revoked; only the secret names it';

/** A version to be contained. `noted`: whether our own notes name it, rather than the secret alone. */
export interface Known extends CredentialVersion {
  readonly noted: 'yes' | 'no';
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
): Promise<readonly Known[]> {
  const { current, pending, previous } = await labelsOf(deps, policy);
  const noted = [...known.row.versions, ...known.owed];
  const notes = [...known.row.versions, ...known.owed.filter(({ why }) => why !== NAMED_BY_SECRET)];
  const ids = [current, pending, previous, ...noted.map(({ versionId }) => versionId)];
  const found = await Promise.all(
    [...new Set(ids.filter((id) => id !== undefined))].map(async (versionId): Promise<readonly Known[]> => {
      const remembered = noted.find((each) => each.versionId === versionId && each.remoteId !== '')?.remoteId;
      const remoteId = (await materialOf(deps, policy, subject, versionId)) ?? remembered;
      const isNoted = notes.some((each) => each.versionId === versionId) ? 'yes' : 'no';
      return remoteId === undefined ? [] : [{ versionId, remoteId, noted: isNoted }];
    }),
  );
  return found.flat();
}

/** Without its secret an identity is contained all the same, by what the registry and the target know. */
async function labelsOf(deps: Ports, policy: Policy): Promise<Labels> {
  return orNone(deps.vault.labels(policy.secret), {
    current: undefined,
    pending: undefined,
    previous: undefined,
  });
}

/** What the target calls a version, by its material; undefined when the vault holds none of this kind. */
async function materialOf(
  deps: Ports,
  policy: Policy,
  subject: Subject,
  versionId: string,
): Promise<string | undefined> {
  if (versionId.startsWith('listed:')) return undefined;
  return (await orNone(held(deps, policy, subject, versionId), undefined))?.remoteId;
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
