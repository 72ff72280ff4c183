import { createHash, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { algorithmOf, type Authority, bits, extension, signed } from './authority';
import { context, der, elements, inside, integer, oid, pem, tags, time } from './der';

/** What a certificate is to say. Times are epoch milliseconds. */
export interface Profile {
  readonly commonName: string;
  /** DNS names and IPv4 addresses. */
  readonly names: readonly string[];
  readonly use: 'client' | 'server';
  /** 16 bytes; made positive and of full length here. */
  readonly serial: Buffer;
  readonly notBefore: number;
  readonly notAfter: number;
}

/** A key pair with its certificate, PEM. */
export interface Pair {
  readonly certificate: string;
  readonly key: string;
  /** As `serialOf` reads it. */
  readonly serial: string;
}

/** Who signs: a name as it is encoded, a key, and what that key is called. */
export interface Issuer {
  readonly name: Buffer;
  readonly key: KeyObject;
  readonly keyId: Buffer;
}

const oids = {
  commonName: '2.5.4.3',
  authorityKey: '2.5.29.35',
  subjectKey: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  extendedKeyUsage: '2.5.29.37',
  client: '1.3.6.1.5.5.7.3.2',
  server: '1.3.6.1.5.5.7.3.1',
} as const;

/** Makes a P-256 key pair and a certificate for it that `issuer` signs (X.509 v3, RFC 5280). Nothing is sent anywhere. */
export function issuePair(issuer: Issuer, profile: Profile): Pair {
  // Keys come from OpenSSL's own generator: it checks what it makes, and nobody else has seen the bytes.
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const serial = positive(profile.serial);
  const body = der(
    tags.sequence,
    der(context(0, 'constructed'), integer(Buffer.from([2]))),
    integer(serial),
    algorithmOf(issuer),
    issuer.name,
    der(tags.sequence, time(profile.notBefore), time(profile.notAfter)),
    nameOf(profile.commonName),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(context(3, 'constructed'), der(tags.sequence, ...extensions(profile, publicKey, issuer))),
  );
  return {
    certificate: pem('CERTIFICATE', signed(body, issuer)),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    serial: serial.toString('hex'),
  };
}

/** An authority as the issuer of a certificate. */
export function issuerOf(authority: Authority): Issuer {
  const { certificate, key } = authority;
  return { name: subjectOf(authority), key, keyId: keyIdOf(certificate.publicKey) };
}

/** The subject of an authority as its own certificate encodes it: issuer names are compared byte by byte. */
export function subjectOf({ certificate }: Pick<Authority, 'certificate'>): Buffer {
  return fieldOf(certificate, 'subject');
}

/** The name of who issued a certificate, as it is encoded there. */
export function issuerNameOf(certificate: X509Certificate): Buffer {
  return fieldOf(certificate, 'issuer');
}

/** Places in a TBSCertificate after the version: serial, algorithm, issuer, validity, subject (RFC 5280, 4.1). */
const places = { issuer: 2, subject: 4 } as const;

function fieldOf(certificate: X509Certificate, field: keyof typeof places): Buffer {
  const [body] = inside(elements(certificate.raw)?.[0]);
  const fields = inside(body);
  // Version 1 has no version in front.
  const found = fields[places[field] + (fields[0]?.tag === context(0, 'constructed') ? 1 : 0)];
  if (!found) throw new Error(`a certificate without ${field}`);
  return found.whole;
}

/** The serial number of a certificate: hex, small letters, whole bytes, no zero byte in front; undefined when the text is none. */
export function serialOf(certificate: string): string | undefined {
  try {
    return serialText(Buffer.from(new X509Certificate(certificate).serialNumber, 'hex'));
  } catch {
    return undefined;
  }
}

/** Bytes of a serial number as everything here writes them. */
export function serialText(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(00)+(?=..)/, '');
}

/** First bits 01: positive, never a zero byte in front, so of one length (RFC 5280, 4.1.2.2). */
function positive(random: Buffer): Buffer {
  const serial = Buffer.from(random);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return serial;
}

/** A name that is one common name. */
export function nameOf(commonName: string): Buffer {
  const attribute = der(tags.sequence, oid(oids.commonName), der(tags.utf8, Buffer.from(commonName)));
  return der(tags.sequence, der(tags.set, attribute));
}

function extensions(profile: Profile, publicKey: KeyObject, issuer: Issuer): readonly Buffer[] {
  // digitalSignature is the first of the bits (RFC 5280, 4.2.1.3).
  const usage = bits(Buffer.from([0x80]), 7);
  const names = profile.names.map((name) =>
    isIPv4(name)
      ? der(context(7, 'primitive'), Buffer.from(name.split('.').map(Number)))
      : der(context(2, 'primitive'), Buffer.from(name)),
  );
  const issuerKey = der(context(0, 'primitive'), issuer.keyId);
  return [
    extension(oids.basicConstraints, der(tags.sequence), 'critical'),
    extension(oids.keyUsage, usage, 'critical'),
    extension(oids.extendedKeyUsage, der(tags.sequence, oid(oids[profile.use]))),
    extension(oids.subjectKey, der(tags.octets, keyIdOf(publicKey))),
    extension(oids.authorityKey, der(tags.sequence, issuerKey)),
    ...(names.length > 0 ? [extension(oids.subjectAltName, der(tags.sequence, ...names))] : []),
  ];
}

/** RFC 5280, 4.2.1.2, method 1: SHA-1 over the bits of the public key. It names a key and protects nothing. */
export function keyIdOf(publicKey: KeyObject): Buffer {
  const [, key] = inside(elements(publicKey.export({ type: 'spki', format: 'der' }))?.[0]);
  return createHash('sha1')
    .update(key?.content.subarray(1) ?? Buffer.alloc(0))
    .digest();
}
