import { createPrivateKey, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { Failure } from '../../../core/failure';
import { der, oid, tags } from './der';

/** A certificate authority: its certificate and the key it signs with. */
export interface Authority {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
}

/** Signature algorithms by key type, both with SHA-256: ecdsa-with-SHA256 (RFC 5758) and sha256WithRSAEncryption (RFC 4055). */
const algorithms: Readonly<Record<string, Buffer>> = {
  ec: der(tags.sequence, oid('1.2.840.10045.4.3.2')),
  rsa: der(tags.sequence, oid('1.2.840.113549.1.1.11'), der(tags.null)),
};

/**
 * Reads an authority from PEM.
 * @throws Failure AdminSecretMissing when it cannot be read, is no authority, or the key is another's; nothing was changed
 */
export function authorityOf(certificate: string | undefined, key: string | undefined): Authority {
  if (certificate === undefined || key === undefined)
    throw unusable('lacks the field caCertificate or caKey');
  const read = attempt(() => new X509Certificate(certificate));
  const secret = attempt(() => createPrivateKey(key));
  if (!read || !secret) throw unusable('holds a caCertificate or caKey that is not PEM');
  if (!read.ca) throw unusable('holds a caCertificate that is not an authority (basicConstraints CA)');
  if (!read.checkPrivateKey(secret))
    throw unusable('holds a caKey that does not belong to its caCertificate');
  if (algorithms[secret.asymmetricKeyType ?? ''] === undefined)
    throw unusable('holds a caKey that is neither an EC nor an RSA key');
  return { certificate: read, key: secret };
}

/** The algorithm a key signs with, as it stands in what it signs. */
export function algorithmOf({ key }: Pick<Authority, 'key'>): Buffer {
  return algorithms[key.asymmetricKeyType ?? ''] ?? Buffer.alloc(0);
}

/** `SIGNED{body}` of X.509: the body, the algorithm, the signature. */
export function signed(body: Buffer, signer: Pick<Authority, 'key'>): Buffer {
  return der(tags.sequence, body, algorithmOf(signer), bits(sign('sha256', body, signer.key)));
}

/** A BIT STRING of whole bytes, or without the last `unused` bits. */
export function bits(bytes: Buffer, unused = 0): Buffer {
  return der(tags.bits, Buffer.from([unused]), bytes);
}

/** An extension (RFC 5280, 4.2); one that is critical is refused by who does not know it. */
export function extension(id: string, value: Buffer, weight: 'critical' | 'optional' = 'optional'): Buffer {
  const mark = weight === 'critical' ? [der(tags.boolean, Buffer.from([0xff]))] : [];
  return der(tags.sequence, oid(id), ...mark, der(tags.octets, value));
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function unusable(what: string): Failure {
  return new Failure(
    'AdminSecretMissing',
    `the secret of target.admin ${what}. Nothing was changed. connectors/mtls-certificate/README.md says what it holds`,
    'none',
  );
}
