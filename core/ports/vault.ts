import type { Material } from '../material';

/** Labels of a secret: which version carries which. Values are not read. */
export interface Labels {
  readonly current: string | undefined;
  readonly pending: string | undefined;
  readonly previous: string | undefined;
}

/** The version that carries AWSCURRENT. */
export interface CurrentVersion {
  readonly versionId: string;
  readonly material: Material;
}

/** Which version carries which label. */
export interface VaultLabels {
  labels(secret: string): Promise<Labels>;
}

/** Material. */
export interface VaultMaterial {
  /** Material of one version; undefined when that version does not exist. */
  read(secret: string, versionId: string): Promise<Material | undefined>;
  /** The current version and its material. */
  readCurrent(secret: string): Promise<CurrentVersion>;
  /** The current version of a secret that no run rotates: what a target's admin or control logs in with. */
  readAuthority(secret: string): Promise<CurrentVersion>;
}

/** Candidates. */
export interface VaultCandidates {
  /** Writes a pending version. The same version id with the same material is a no-op; with other material it fails. */
  putPending(secret: string, versionId: string, material: Material): Promise<void>;
}

/** Labels that move. */
export interface VaultMoves {
  /** Moves AWSCURRENT to `to`; Secrets Manager gives AWSPREVIOUS to the version it came from. No-op when it is there. */
  promote(secret: string, to: string, from: string): Promise<void>;
  /** Takes AWSPENDING off a version. No-op when it is not there. */
  dropPending(secret: string, versionId: string): Promise<void>;
}

/**
 * Where material lives, whole; each function has the parts it calls. Narrow on purpose, so that another store can stand
 * in. Failures: SecretMissing (effect none), StoreUnavailable (none for reads, unknown for writes).
 */
export interface Vault extends VaultLabels, VaultMaterial, VaultCandidates, VaultMoves {}

/** Keyed fingerprint of material: HMAC truncated to 128 bits, hex. A bare hash would be a guessing oracle. */
export interface Fingerprints {
  of(material: Material): Promise<string>;
}
