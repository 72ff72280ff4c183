import { textOf } from './text';
import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { Failure } from '../failure';

/**
 * A signed statement as it is stored: its text, a line feed, the signature in base64, a line feed. The signature is
 * ECDSA P-256 over SHA-256 of the text's bytes, DER as KMS gives it
 * (docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html), so that `openssl dgst -sha256 -verify` checks it.
 */
export function signedBytes(text: string, signature: Uint8Array): Buffer {
  return Buffer.from(`${text}\n${Buffer.from(signature).toString('base64')}\n`);
}

export type Opened =
  { readonly state: 'signed'; readonly text: string } | { readonly state: 'invalid'; readonly found: string };

/** The text of a signed statement, if the key signed it. */
export function openSigned(bytes: Uint8Array, key: KeyObject): Opened {
  const [text, encoded, rest, ...more] = textOf(bytes).split('\n');
  if (text === undefined || encoded === undefined || rest !== '' || more.length > 0)
    return { state: 'invalid', found: 'something that is not a text and a signature, each on a line' };
  const signature = Buffer.from(encoded, 'base64');
  if (signature.toString('base64') !== encoded || !signed(text, signature, key))
    return { state: 'invalid', found: 'a signature that the pinned key did not make over this text' };
  return { state: 'signed', text };
}

function signed(text: string, signature: Uint8Array, key: KeyObject): boolean {
  try {
    return verify('sha256', Buffer.from(text), key, signature);
  } catch {
    // Bytes that are no DER at all make OpenSSL throw instead of answering.
    return false;
  }
}

/**
 * Reads a pinned public key: PEM, SubjectPublicKeyInfo.
 * @throws Failure InvalidInput when it is not a P-256 key
 */
export function pinnedKey(pem: string): KeyObject {
  const key = keyOf(pem);
  if (key?.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key;
  const found = key ? `a key of type ${key.asymmetricKeyType ?? 'unknown'}` : 'text that is no public key';
  const message = `The pinned key was to be a P-256 public key in PEM (-----BEGIN PUBLIC KEY-----); it is ${found}. Nothing was verified. Export it from KMS: aws kms get-public-key`;
  throw new Failure('InvalidInput', message, 'none');
}

function keyOf(pem: string): KeyObject | undefined {
  try {
    return createPublicKey(pem);
  } catch {
    return undefined;
  }
}
