/** Every version of one object, oldest first. */
export interface ObjectVersions {
  readonly key: string;
  readonly versions: readonly { readonly kind: 'object' | 'delete marker' }[];
}

/**
 * Where the sealed ledger lives: objects that are written once. Keys: `leaves/<size before>`, `tile/...`,
 * `checkpoint/<size>`, `pulse/...`, `witness/<size>`. Failures: StoreUnavailable, Internal.
 */
export interface SealedStore {
  /** Create-only. `exists` when an object is there, whatever it holds; nothing is written then. */
  put(key: string, bytes: Uint8Array): Promise<'stored' | 'exists'>;
  /** The oldest version: what was written first counts, whatever was laid over it. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** All versions and delete markers under a prefix, by key. */
  versions(prefix: string): Promise<readonly ObjectVersions[]>;
}
