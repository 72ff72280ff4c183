import { createPrivateKey, type KeyObject, sign, X509Certificate } from 'node:crypto';
import {
  type BaseBlock,
  BitString,
  fromBER,
  GeneralizedTime,
  Null,
  ObjectIdentifier,
  OctetString,
  Sequence,
  UTCTime,
} from 'asn1js';
import { Failure } from '../../../core/failure';

/** A certificate authority: its certificate and the key it signs with. */
export interface Authority {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
}

/** Signature algorithms by key type (RFC 5758 and RFC 4055, both with SHA-256). */
const signatures: Readonly<
  Record<string, { readonly oid: string; readonly parameters: readonly BaseBlock[] }>
> = {
  ec: { oid: '1.2.840.10045.4.3.2', parameters: [] },
  rsa: { oid: '1.2.840.113549.1.1.11', parameters: [new Null()] },
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
  if (signatures[secret.asymmetricKeyType ?? ''] === undefined)
    throw unusable('holds a caKey that is neither an EC nor an RSA key');
  return { certificate: read, key: secret };
}

/** The algorithm a key signs with, as it stands in what it signs. */
export function algorithmOf({ key }: Pick<Authority, 'key'>): Sequence {
  const { oid, parameters } = signatures[key.asymmetricKeyType ?? ''] ?? { oid: '', parameters: [] };
  return new Sequence({ value: [new ObjectIdentifier({ value: oid }), ...parameters] });
}

/** `SIGNED{body}` of X.509: the body, the algorithm, the signature; DER. */
export function signed(body: Sequence, signer: Pick<Authority, 'key'>): Buffer {
  const signature = sign('sha256', der(body), signer.key);
  return der(
    new Sequence({
      value: [body, algorithmOf(signer), new BitString({ valueHex: arrayBuffer(signature) })],
    }),
  );
}

/** UTCTime until 2049, GeneralizedTime from then on (RFC 5280, 4.1.2.5), in whole seconds. */
export function time(epochMs: number): BaseBlock {
  const valueDate = new Date(Math.floor(epochMs / 1_000) * 1_000);
  return valueDate.getUTCFullYear() < 2050 ? new UTCTime({ valueDate }) : new GeneralizedTime({ valueDate });
}

/** An extension that may be ignored by who does not know it (RFC 5280, 4.2). */
export function extension(oid: string, value: BaseBlock): Sequence {
  const content = new OctetString({ valueHex: arrayBuffer(der(value)) });
  return new Sequence({ value: [new ObjectIdentifier({ value: oid }), content] });
}

/** The DER of a value. */
export function der(block: BaseBlock): Buffer {
  return Buffer.from(block.toBER());
}

/** Bytes as the ASN.1 library takes them: of their own, not a view into something larger. */
export function arrayBuffer(bytes: Uint8Array): ArrayBuffer {
  const copy = new ArrayBuffer(bytes.length);
  new Uint8Array(copy).set(bytes);
  return copy;
}

/** Reads DER; undefined when it is not, or something is left over. */
export function parsed(bytes: Uint8Array): BaseBlock | undefined {
  const { offset, result } = fromBER(arrayBuffer(bytes));
  return offset === bytes.length ? result : undefined;
}

/** A serial number as everything here writes it: hex, small letters, whole bytes, no zero byte in front. */
export function serialHex(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes)
    .toString('hex')
    .replace(/^(00)+(?=..)/, '');
  return hex.toLowerCase();
}

/** PEM text. */
export function pem(label: 'CERTIFICATE' | 'X509 CRL', bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
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
