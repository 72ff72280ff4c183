import type { Call } from '../../core/call';
import { Failure } from '../../core/failure';
import type { Material } from '../../core/material';
import { RequestFailure } from '../../net/pinned-request';
import type { ClientTarget } from './target';
import { askForToken, type ClientSecret, type Token, tokenIn } from './token';

/** Part of a call's time that one token request may take. */
const SHARE = 0.2;

/** A token that was kept beside the client it was issued to, to be presented once that client is gone. */
export interface Witness {
  readonly value: string;
  /** When it expires by the issuer's clock, epoch milliseconds. */
  readonly expiresAt: number;
}

/** The witness of a secret; undefined when it holds none. */
export function witnessIn(material: Material): Witness | undefined {
  const value = material.reveal('witness_token');
  const expiresAt = Date.parse(material.reveal('witness_expires') ?? '');
  return value && !Number.isNaN(expiresAt) ? { value, expiresAt } : undefined;
}

/** The fields a secret keeps of a token; empty where there is none or its expiry is not known. */
export function witnessFields(token: Token | undefined): Readonly<Record<string, string>> {
  if (token?.lifeMs === undefined || token.issuerNow === undefined)
    return { witness_token: '', witness_expires: '' };
  const expires = new Date(token.issuerNow + token.lifeMs).toISOString();
  return { witness_token: token.value, witness_expires: expires };
}

/** A token for a client; undefined when the issuer gives none now. */
export async function tokenFor(
  target: ClientTarget,
  client: ClientSecret,
  call: Call,
): Promise<Token | undefined> {
  try {
    return tokenIn(
      await askForToken(target, new URL(target.token), client, Math.floor(call.timeoutMs * SHARE)),
    );
  } catch (error) {
    if (error instanceof RequestFailure) return undefined;
    throw error;
  }
}

/**
 * Sees that tokens live no longer than the policy says: a wait that ends too early would be a false proof.
 * @throws Failure InvalidInput; nothing was changed
 */
export function assertLife(identityId: string, { tokens }: ClientTarget, token: Token | undefined): void {
  if (token?.lifeMs === undefined || token.lifeMs <= tokens.seconds * 1_000) return;
  const message = `${identityId}: the issuer gives out tokens of ${token.lifeMs / 1_000} s and the policy says tokens.seconds: ${tokens.seconds}. Nothing was changed. Correct the policy`;
  throw new Failure('InvalidInput', message, 'none');
}
