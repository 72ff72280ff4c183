import { createHash } from 'node:crypto';
import type { Material } from './material';

/** The message a fingerprint key signs: SHA-256 of the vault text, so that the text itself goes nowhere. */
export function fingerprintMessage(material: Material): Buffer {
  return createHash('sha256').update(material.toVaultText(), 'utf8').digest();
}

/** A fingerprint as records hold it: the first 128 bits of an HMAC-SHA-256, hex. */
export function fingerprintOf(mac: Uint8Array): string {
  return Buffer.from(mac).subarray(0, 16).toString('hex');
}
