import { createPublicKey, sign, type KeyObject } from 'node:crypto';
import type { Signer } from '../../core/ports/signer';

/** Signs with a P-256 key in this process: for fast tests and benches. */
export class MemorySigner implements Signer {
  constructor(private readonly privateKey: KeyObject) {}

  async sign(message: Uint8Array): Promise<Uint8Array> {
    return sign('sha256', message, this.privateKey);
  }

  async publicKey(): Promise<string> {
    return createPublicKey(this.privateKey).export({ type: 'spki', format: 'pem' }).toString();
  }
}
