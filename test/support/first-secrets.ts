import type { MemoryVault } from '../../adapters/memory/vault';
import type { Named, TargetSecrets } from '../../apps/local/target/identity';

/** How tests name an identity of any kind. */
export function inTest(id: string, within = '5m'): Named {
  return { id, owner: 'team-test', secret: `gapless/${id}`, every: '30d', within };
}

/** Puts an identity's secrets into a memory vault: versions `v-first`, `v-admin` and `v-control`. */
export function storeFirst(vault: MemoryVault, secrets: TargetSecrets): void {
  for (const [name, { use, material }] of Object.entries(secrets))
    vault.create(name, use === 'identity' ? 'v-first' : `v-${use}`, material);
}
