/** Secrets Manager stage labels; a version without a label is `unlabelled`. */
export type Stage = 'AWSPENDING' | 'AWSCURRENT' | 'AWSPREVIOUS' | 'unlabelled';

/**
 * One version of an identity's credential. `versionId` is the vault's version id and the ClientRequestToken it was
 * written with; `remoteId` is what the target calls it (a role name, a key id), never the secret.
 */
export interface CredentialVersion {
  readonly versionId: string;
  readonly remoteId: string;
}

/** What the registry remembers of a version. Times are ISO 8601 UTC, for people; order comes from evidence. */
export interface VersionRow extends CredentialVersion {
  readonly stage: Stage;
  /** The run that minted it; absent for a version found at enrolment. */
  readonly runId?: string;
  /** Keyed fingerprint (HMAC, 128 bits, hex) of the material. */
  readonly fingerprint?: string;
  /** Server time up to which sessions belong to the version before it (oneActive kinds). */
  readonly cut?: string;
  readonly mintedAt?: string;
  readonly refusedSince?: string;
}

/** A credential seen live at the target by listing. Unattributable ones are reported and never touched. */
export interface LiveCredential {
  readonly remoteId: string;
  readonly status: 'active' | 'suspended';
  /** It belongs to the identity, by what the target itself says. */
  readonly attributable: boolean;
  /** The run that made it, by the label `issue` put on it; absent where there is none. */
  readonly runId?: string;
  readonly createdAt?: string;
  readonly lastUsedAt?: string;
}
