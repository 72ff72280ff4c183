import { MemoryFingerprints } from '../../adapters/memory/fingerprints';
import { MemoryVault } from '../../adapters/memory/vault';
import { Material } from '../../core/material';
import { describeVault } from './vault-suite';

describeVault('a vault in memory', async () => {
  const vault = new MemoryVault();
  return { vault, create: async (secret, versionId, material) => vault.create(secret, versionId, material) };
});

test('fingerprints in memory tell material apart and depend on their key', async () => {
  const material = new Material({ password: 'one' });
  const fingerprints = new MemoryFingerprints(Buffer.alloc(32, 1));
  const one = await fingerprints.of(material);
  expect(one).toMatch(/^[0-9a-f]{32}$/);
  expect(await fingerprints.of(material)).toBe(one);
  expect(await fingerprints.of(material.with({ password: 'two' }))).not.toBe(one);
  expect(await new MemoryFingerprints(Buffer.alloc(32, 2)).of(material)).not.toBe(one);
});
