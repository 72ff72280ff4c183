import type { IdentityRow } from '../../../../core/ports/registry';

/** Version rows as an item holds them. */
export function storedVersions(versions: IdentityRow['versions']) {
  return versions.map((version) => ({ ...version }));
}
