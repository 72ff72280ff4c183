import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import type { Call } from '../../core/call';

const iterations = 4096;
const keyBytes = 32;

/** How many random bytes a verifier's salt takes; PostgreSQL's own choice (SCRAM_DEFAULT_SALT_LEN). */
export const saltBytes = 16;

/**
 * What PostgreSQL stores for a password, made on our side so that the server, and whatever it logs, never sees the
 * password (RFC 5802 section 3, RFC 7677; form as in the documentation of pg_authid.rolpassword).
 *
 * Passwords have to be ASCII, as all minted here are: SASLprep (RFC 4013) leaves those as they are.
 */
export function scramVerifier(password: string, salt: Buffer): string {
  const salted = pbkdf2Sync(password, salt, iterations, keyBytes, 'sha256');
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest();
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest('base64');
  const serverKey = hmac('Server Key').toString('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}

const passwordBytes = 32;

/** A password nobody can guess: 32 random bytes as base64url, so plain ASCII. */
export function freshPassword(call: Pick<Call, 'random'>): string {
  return call.random(passwordBytes).toString('base64url');
}
