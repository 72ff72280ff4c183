import { createHmac } from 'node:crypto';
import { fingerprintMessage, fingerprintOf } from '../../core/fingerprint';
import type { Material } from '../../core/material';
import type { Fingerprints } from '../../core/ports/vault';

/** Fingerprints under a key in this process: for fast tests and benches. */
export class MemoryFingerprints implements Fingerprints {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  async of(material: Material): Promise<string> {
    return fingerprintOf(createHmac('sha256', this.#key).update(fingerprintMessage(material)).digest());
  }
}
