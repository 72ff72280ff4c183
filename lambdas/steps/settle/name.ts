import { createHash } from 'node:crypto';

/** A name that is the same for the same work: 40 hex digits, so it serves as execution name and as run id. */
export function nameOf(...parts: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 40);
}
