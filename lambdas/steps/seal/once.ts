import { Failure } from '../../../core/failure';
import type { SealedStore } from '../../../core/ports/sealed-store';

/**
 * Writes an object whose bytes are decided already: one that is there must hold the very same.
 * @throws Failure EvidenceConflict when it holds something else (nothing was changed)
 */
export async function writeOnce(store: SealedStore, key: string, bytes: Uint8Array): Promise<void> {
  if ((await store.put(key, bytes)) === 'stored') return;
  const there = await store.get(key);
  if (there !== undefined && Buffer.from(there).equals(bytes)) return;
  throw conflict(key, 'the bytes that follow from the leaves', 'other bytes');
}

/** Something in the sealed store is not what this ledger's own objects lead to. */
export function conflict(key: string, expected: string, found: string): Failure {
  const message = `${key} was to hold ${expected}; it holds ${found}. Nothing was changed and nothing is sealed until it is explained. Verify the ledger: gapless evidence verify`;
  return new Failure('EvidenceConflict', message, 'none');
}
