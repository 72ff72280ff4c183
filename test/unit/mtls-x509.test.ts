import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import {
  issuePair,
  issuerOf,
  serialOf,
  type Profile,
} from '../../connectors/mtls-certificate/x509/certificate';
import { withoutExpired } from '../../connectors/mtls-certificate/enforcement';
import { readCrl, writeCrl } from '../../connectors/mtls-certificate/x509/crl';
import { authorityOf } from '../../connectors/mtls-certificate/x509/authority';
import { Failure } from '../../core/failure';
import { selfSigned } from '../../apps/local/target/mtls/self-signed';

const own = selfSigned(['an authority']);
const other = selfSigned(['an authority']);
const authority = authorityOf(own.certificate, own.key);
const NOW = Date.UTC(2026, 4, 5, 6, 7, 8);

function profile(changes: Partial<Profile> = {}): Profile {
  return {
    commonName: 'billing',
    names: [],
    use: 'client',
    serial: randomBytes(16),
    notBefore: NOW - 300_000,
    notAfter: NOW + 86_400_000,
    ...changes,
  };
}

describe('a certificate', () => {
  const pair = issuePair(
    issuerOf(authority),
    profile({ names: ['billing.internal', '127.0.0.1'], use: 'server' }),
  );
  const read = new X509Certificate(pair.certificate);

  it('is one that OpenSSL reads, signed by the authority, with the key that comes with it', () => {
    expect(read.verify(authority.certificate.publicKey)).toBe(true);
    expect(read.checkIssued(authority.certificate)).toBe(true);
    expect(read.ca).toBe(false);
    expect(read.subject).toBe('CN=billing');
    expect(read.subjectAltName).toBe('DNS:billing.internal, IP Address:127.0.0.1');
    expect(read.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  });

  it('is valid from and to the second it was asked for', () => {
    expect([Date.parse(read.validFrom), Date.parse(read.validTo)]).toEqual([NOW - 300_000, NOW + 86_400_000]);
  });

  it.each([0x00, 0x80, 0xff])(
    'has a serial that reads the same everywhere, whatever its first byte (%i)',
    (first) => {
      const made = issuePair(
        issuerOf(authority),
        profile({ serial: Buffer.concat([Buffer.from([first]), randomBytes(15)]) }),
      );
      expect(serialOf(made.certificate)).toBe(made.serial);
      expect(made.serial).toMatch(/^[4-7][0-9a-f]{31}$/);
    },
  );

  it('can end after 2049, where the encoding of time changes', () => {
    const notAfter = Date.UTC(2061, 0, 2, 3, 4, 5);
    const made = new X509Certificate(issuePair(issuerOf(authority), profile({ notAfter })).certificate);
    expect(Date.parse(made.validTo)).toBe(notAfter);
  });
});

describe('a revocation list', () => {
  const revoked = [
    { serial: '0a', at: NOW, reason: 'hold' },
    { serial: 'ff01', at: NOW - 1_000, reason: 'final' },
  ] as const;

  it.each([[[]], [revoked]])('reads as it was written (%#)', (entries) => {
    const text = writeCrl(authority, { number: 300n, revoked: entries }, NOW);
    expect(readCrl(authority, text)).toEqual({ number: 300n, revoked: entries });
  });

  it('of another authority, of the same name, is not read', () => {
    const text = writeCrl(authorityOf(other.certificate, other.key), { number: 1n, revoked }, NOW);
    expect(readCrl(authority, text)).toBeUndefined();
  });

  it('that one byte was changed in is not read', () => {
    const text = writeCrl(authority, { number: 1n, revoked }, NOW);
    const bytes = Buffer.from(text.split('\n').slice(1, -2).join(''), 'base64');
    const at = bytes.indexOf(Buffer.from('ff01', 'hex'));
    bytes[at] = 0x7f;
    const changed = `-----BEGIN X509 CRL-----\n${bytes.toString('base64')}\n-----END X509 CRL-----\n`;
    expect(readCrl(authority, changed)).toBeUndefined();
    expect(readCrl(authority, 'nothing')).toBeUndefined();
  });
});

it('a list forgets what was revoked for good before any certificate of today was made, and nothing that is on hold', () => {
  const DAY_MS = 86_400_000;
  const entry = (serial: string, days: number, reason: 'hold' | 'final') =>
    ({ serial, at: NOW - days * DAY_MS, reason }) as const;
  const kept = [entry('01', 824, 'final'), entry('02', 4_000, 'hold')];
  expect(withoutExpired([...kept, entry('03', 826, 'final')], NOW)).toEqual(kept);
});

describe('an authority', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  });
  const leaf = issuePair(issuerOf(authority), profile());

  it.each([
    ['no key', own.certificate, undefined, /lacks the field/],
    ['no certificate', undefined, own.key, /lacks the field/],
    ['something that is no key', own.certificate, 'nothing', /not PEM/],
    ['the key of another', own.certificate, other.key, /does not belong/],
    ['a key of another type', own.certificate, rsa.toString(), /does not belong/],
    ['a certificate that may not sign', leaf.certificate, leaf.key, /not an authority/],
  ])('with %s is refused', (_what, certificate, key, says) => {
    expect(() => authorityOf(certificate, key)).toThrow(Failure);
    expect(() => authorityOf(certificate, key)).toThrow(says);
  });
});
