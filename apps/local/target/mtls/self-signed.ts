import { generateKeyPairSync, type KeyObject, sign, X509Certificate } from 'node:crypto';

/** A self-signed certificate with its key, both PEM: its own CA, for a few names. */
export interface TestCertificate {
  readonly certificate: string;
  readonly key: string;
}

const tags = {
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  sequence: 0x30,
  set: 0x31,
  time: 0x18,
};
const ecdsaWithSha256 = '06082a8648ce3d040302';
const commonName = '0603550403';
const basicConstraints = '0603551d13';
const subjectAltName = '0603551d11';

/** Makes a certificate for DNS names and IPv4 addresses, valid for all of this century (X.509, RFC 5280, DER). */
export function selfSigned(names: readonly string[]): TestCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = der(tags.sequence, Buffer.from(ecdsaWithSha256, 'hex'));
  const who = nameOf(names[0] ?? 'test');
  const body = der(
    tags.sequence,
    der(0xa0, der(tags.integer, Buffer.from([2]))),
    der(tags.integer, Buffer.from([1])),
    algorithm,
    who,
    der(
      tags.sequence,
      der(tags.time, Buffer.from('20000101000000Z')),
      der(tags.time, Buffer.from('20991231000000Z')),
    ),
    who,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(tags.sequence, ...extensions(names))),
  );
  return { certificate: certificateOf(body, algorithm, privateKey), key: pem(privateKey) };
}

function certificateOf(body: Buffer, algorithm: Buffer, key: KeyObject): string {
  const signature = der(tags.bits, Buffer.from([0]), sign('sha256', body, key));
  return new X509Certificate(der(tags.sequence, body, algorithm, signature)).toString();
}

function extensions(names: readonly string[]): readonly Buffer[] {
  const alternatives = names.map((name) =>
    /^[\d.]+$/.test(name)
      ? der(0x87, Buffer.from(name.split('.').map(Number)))
      : der(0x82, Buffer.from(name)),
  );
  const authority = der(tags.sequence, der(0x01, Buffer.from([0xff])));
  return [
    der(tags.sequence, Buffer.from(basicConstraints, 'hex'), der(tags.octets, authority)),
    der(
      tags.sequence,
      Buffer.from(subjectAltName, 'hex'),
      der(tags.octets, der(tags.sequence, ...alternatives)),
    ),
  ];
}

function nameOf(text: string): Buffer {
  const attribute = der(tags.sequence, Buffer.from(commonName, 'hex'), der(tags.utf8, Buffer.from(text)));
  return der(tags.sequence, der(tags.set, attribute));
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function pem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
