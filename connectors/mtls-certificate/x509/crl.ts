import { verify } from 'node:crypto';
import {
  type BaseBlock,
  BitString,
  Constructed,
  Enumerated,
  GeneralizedTime,
  Integer,
  ObjectIdentifier,
  OctetString,
  Sequence,
  UTCTime,
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
import { childrenOf, subjectOf } from './certificate';

/** `hold` can be taken back, `final` cannot (RFC 5280, 5.3.1: certificateHold, and superseded). */
export type Reason = 'hold' | 'final';

/** A serial number on the list, since when (epoch milliseconds), and whether for good. */
export interface Revoked {
  readonly serial: string;
  readonly at: number;
  readonly reason: Reason;
}

/** A certificate revocation list as far as it is read here. */
export interface Crl {
  readonly number: bigint;
  readonly revoked: readonly Revoked[];
}

const oids = { number: '2.5.29.20', reason: '2.5.29.21' } as const;
const reasons: Readonly<Record<Reason, number>> = { hold: 6, final: 4 };

/** Signs a list, PEM. It runs out with its authority: every list is pushed, and one that ran out would lock everybody out. */
export function writeCrl(authority: Authority, { number, revoked }: Crl, thisUpdate: number): string {
  const entries = revoked.map(
    ({ serial, at, reason }) =>
      new Sequence({
        value: [
          integer(Buffer.from(serial, 'hex')),
          time(at),
          new Sequence({ value: [extension(oids.reason, new Enumerated({ value: reasons[reason] }))] }),
        ],
      }),
  );
  const body = new Sequence({
    value: [
      new Integer({ value: 1 }),
      algorithmOf(authority),
      subjectOf(authority),
      time(thisUpdate),
      time(Date.parse(authority.certificate.validTo)),
      ...(entries.length > 0 ? [new Sequence({ value: entries })] : []),
      new Constructed({
        idBlock: { tagClass: 3, tagNumber: 0 },
        value: [new Sequence({ value: [extension(oids.number, Integer.fromBigInt(number))] })],
      }),
    ],
  });
  return pem('X509 CRL', signed(body, authority));
}

/** Reads a list. Undefined when it cannot be read, or the authority did not sign it. */
export function readCrl({ certificate }: Pick<Authority, 'certificate'>, text: string): Crl | undefined {
  const base64 = /-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----/.exec(text)?.[1];
  const whole = base64 === undefined ? undefined : parsed(Buffer.from(base64, 'base64'));
  const [body, , signature] = whole ? childrenOf(whole) : [];
  if (!body || !(signature instanceof BitString)) return undefined;
  // The bytes as they were signed, not as they would be written again.
  const bytes = body.valueBeforeDecodeView;
  if (!verify('sha256', bytes, certificate.publicKey, signature.valueBlock.valueHexView)) return undefined;
  const fields = childrenOf(body);
  const number = numberIn(fields.at(-1));
  if (number === undefined) return undefined;
  const list = fields.findLast((field, index) => index >= 4 && field instanceof Sequence);
  const revoked = (list ? childrenOf(list) : []).map((entry) => entryOf(entry));
  return revoked.some((entry) => entry === undefined)
    ? undefined
    : { number, revoked: revoked.filter((entry) => entry !== undefined) };
}

function entryOf(entry: BaseBlock): Revoked | undefined {
  const [serial, at, extensions] = childrenOf(entry);
  if (!(serial instanceof Integer)) return undefined;
  // GeneralizedTime is a kind of UTCTime in the library's classes; both carry a date.
  if (!(at instanceof UTCTime) && !(at instanceof GeneralizedTime)) return undefined;
  const reason = extensions && valueIn(extensions, oids.reason);
  const held = reason instanceof Enumerated && reason.valueBlock.valueDec === reasons.hold;
  return {
    serial: serialHex(serial.valueBlock.valueHexView),
    at: at.toDate().getTime(),
    reason: held ? 'hold' : 'final',
  };
}

function numberIn(tagged: BaseBlock | undefined): bigint | undefined {
  if (tagged?.idBlock.tagClass !== 3) return undefined;
  const [extensions] = childrenOf(tagged);
  const number = extensions && valueIn(extensions, oids.number);
  return number instanceof Integer ? number.toBigInt() : undefined;
}

function valueIn(extensions: BaseBlock, oid: string): BaseBlock | undefined {
  for (const each of childrenOf(extensions)) {
    const [id] = childrenOf(each);
    const content = childrenOf(each).at(-1);
    if (!(id instanceof ObjectIdentifier) || id.valueBlock.toString() !== oid) continue;
    return content instanceof OctetString ? parsed(content.valueBlock.valueHexView) : undefined;
  }
  return undefined;
}

/** A positive INTEGER: a first bit that is set would make it negative. */
function integer(bytes: Buffer): Integer {
  const padded = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
  return new Integer({ valueHex: arrayBuffer(padded) });
}
