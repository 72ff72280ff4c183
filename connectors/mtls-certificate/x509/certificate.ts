import { createHash, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { isIPv4 } from 'node:net';
import {
  type BaseBlock,
  BitString,
  Boolean as AsnBoolean,
  Constructed,
  Integer,
  ObjectIdentifier,
  OctetString,
  Primitive,
  Sequence,
  Set as AsnSet,
  Utf8String,
} from 'asn1js';
import {
  algorithmOf,
  arrayBuffer,
  type Authority,
  extension,
  parsed,
  pem,
  serialHex,
  signed,
  time,
} from './der';

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

/** Who signs: a name as it is encoded, and a key. */
export interface Issuer {
  readonly name: BaseBlock;
  readonly key: KeyObject;
  readonly keyId: Buffer;
}

/** An authority as the issuer of a certificate. */
export function issuerOf(authority: Authority): Issuer {
  const { certificate, key } = authority;
  return { name: subjectOf(authority), key, keyId: keyIdOf(certificate.publicKey) };
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
  const body = new Sequence({
    value: [
      new Constructed({ idBlock: { tagClass: 3, tagNumber: 0 }, value: [new Integer({ value: 2 })] }),
      new Integer({ valueHex: arrayBuffer(serial) }),
      algorithmOf(issuer),
      issuer.name,
      new Sequence({ value: [time(profile.notBefore), time(profile.notAfter)] }),
      nameOf(profile.commonName),
      blockOf(publicKey.export({ type: 'spki', format: 'der' })),
      new Constructed({
        idBlock: { tagClass: 3, tagNumber: 3 },
        value: [new Sequence({ value: extensions(profile, publicKey, issuer) })],
      }),
    ],
  });
  return {
    certificate: pem('CERTIFICATE', signed(body, issuer)),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    serial: serialHex(serial),
  };
}

/** The subject of an authority as its own certificate encodes it: issuer names are compared byte by byte. */
export function subjectOf({ certificate }: Pick<Authority, 'certificate'>): BaseBlock {
  return fieldOf(certificate, places.subject);
}

/** The name of who issued a certificate, as it is encoded there. */
export function issuerNameOf(certificate: X509Certificate): BaseBlock {
  return fieldOf(certificate, places.issuer);
}

/** Places in a TBSCertificate after the version: serial, algorithm, issuer, validity, subject (RFC 5280, 4.1). */
const places = { issuer: 2, subject: 4 } as const;

function fieldOf(certificate: X509Certificate, place: number): BaseBlock {
  const [body] = childrenOf(blockOf(certificate.raw));
  const fields = body ? childrenOf(body) : [];
  // Version 1 has no version in front.
  const field = fields[place + (fields[0]?.idBlock.tagClass === 3 ? 1 : 0)];
  if (!field) throw new Error('a certificate without names');
  return field;
}

/** The serial number of a certificate; undefined when the text is none. */
export function serialOf(certificate: string): string | undefined {
  try {
    return serialHex(Buffer.from(new X509Certificate(certificate).serialNumber, 'hex'));
  } catch {
    return undefined;
  }
}

/** The parts of a constructed value. */
export function childrenOf(block: BaseBlock): readonly BaseBlock[] {
  return block instanceof Constructed ? block.valueBlock.value : [];
}

function blockOf(bytes: Uint8Array): BaseBlock {
  const block = parsed(bytes);
  if (!block) throw new Error('DER that cannot be read');
  return block;
}

/** First bits 01: positive, never a zero byte in front, so of one length (RFC 5280, 4.1.2.2). */
function positive(random: Buffer): Buffer {
  const serial = Buffer.from(random);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return serial;
}

/** A name that is one common name. */
export function nameOf(commonName: string): Sequence {
  const type = new ObjectIdentifier({ value: oids.commonName });
  const attribute = new Sequence({ value: [type, new Utf8String({ value: commonName })] });
  return new Sequence({ value: [new AsnSet({ value: [attribute] })] });
}

function extensions(profile: Profile, publicKey: KeyObject, issuer: Issuer): Sequence[] {
  const digitalSignature = new BitString({ valueHex: arrayBuffer(Buffer.from([0x80])), unusedBits: 7 });
  const issuerKey = context(0, issuer.keyId);
  const names = profile.names.map((name) =>
    isIPv4(name) ? context(7, Buffer.from(name.split('.').map(Number))) : context(2, Buffer.from(name)),
  );
  return [
    critical(oids.basicConstraints, new Sequence({ value: [] })),
    critical(oids.keyUsage, digitalSignature),
    extension(
      oids.extendedKeyUsage,
      new Sequence({ value: [new ObjectIdentifier({ value: oids[profile.use] })] }),
    ),
    extension(oids.subjectKey, new OctetString({ valueHex: arrayBuffer(keyIdOf(publicKey)) })),
    extension(oids.authorityKey, new Sequence({ value: [issuerKey] })),
    ...(names.length > 0 ? [extension(oids.subjectAltName, new Sequence({ value: names }))] : []),
  ];
}

function critical(oid: string, value: BaseBlock): Sequence {
  const [id, content] = extension(oid, value).valueBlock.value;
  return new Sequence({
    value: [id, new AsnBoolean({ value: true }), content].filter((each) => each !== undefined),
  });
}

function context(tagNumber: number, bytes: Uint8Array): Primitive {
  return new Primitive({ idBlock: { tagClass: 3, tagNumber }, valueHex: arrayBuffer(bytes) });
}

/** RFC 5280, 4.2.1.2, method 1: SHA-1 over the bits of the public key. It names a key and protects nothing. */
export function keyIdOf(publicKey: KeyObject): Buffer {
  const [, bits] = childrenOf(blockOf(publicKey.export({ type: 'spki', format: 'der' })));
  const bytes = bits instanceof BitString ? bits.valueBlock.valueHexView : new Uint8Array();
  return createHash('sha1').update(bytes).digest();
}
