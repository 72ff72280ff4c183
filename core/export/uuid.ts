import { createHash } from 'node:crypto';

/** Namespace of every identifier this project derives; itself version 4, made once. */
const NAMESPACE = '8d0f6c1e-3a5b-4f0e-9c57-6a2b1f7e4d90';

/** Version 5 UUID (RFC 9562 section 5.5): the same parts give the same identifier, so an export can be repeated. */
export function uuidOf(...parts: readonly string[]): string {
  const digest = createHash('sha1')
    .update(Buffer.from(NAMESPACE.replaceAll('-', ''), 'hex'))
    .update(JSON.stringify(parts), 'utf8')
    .digest()
    .subarray(0, 16);
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x50;
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
  return digest.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
