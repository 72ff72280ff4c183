import { verify } from 'node:crypto';
import { algorithmOf, type Authority, extension, signed } from './authority';
import { serialText, subjectOf } from './certificate';
import { context, der, type Element, elements, inside, integer, oid, pem, tags, time, timeIn } from './der';

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
  const entries = revoked.map(({ serial, at, reason }) => {
    const why = extension(oids.reason, der(tags.enumerated, Buffer.from([reasons[reason]])));
    return der(tags.sequence, integer(Buffer.from(serial, 'hex')), time(at), der(tags.sequence, why));
  });
  const hex = number.toString(16);
  const counted = integer(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'));
  const body = der(
    tags.sequence,
    integer(Buffer.from([1])),
    algorithmOf(authority),
    subjectOf(authority),
    time(thisUpdate),
    time(Date.parse(authority.certificate.validTo)),
    ...(entries.length > 0 ? [der(tags.sequence, ...entries)] : []),
    der(context(0, 'constructed'), der(tags.sequence, extension(oids.number, counted))),
  );
  return pem('X509 CRL', signed(body, authority));
}

/**
 * Reads a list. Only what the authority signed is looked into; undefined when it did not, when it cannot be read, or
 * when the list has no number.
 */
export function readCrl({ certificate }: Pick<Authority, 'certificate'>, text: string): Crl | undefined {
  const base64 = /-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----/.exec(text)?.[1];
  const [whole, ...more] = elements(Buffer.from(base64 ?? '', 'base64')) ?? [];
  const [body, , signature] = inside(whole);
  if (more.length > 0 || body?.tag !== tags.sequence || signature?.tag !== tags.bits) return undefined;
  if (!verify('sha256', body.whole, certificate.publicKey, signature.content.subarray(1))) return undefined;
  const fields = inside(body);
  const number = numberIn(fields.at(-1));
  // Version, algorithm, issuer, and one or two times stand before the entries, which a list without any leaves out.
  const list = fields.slice(4).find(({ tag }) => tag === tags.sequence);
  const revoked = inside(list).flatMap((entry) => entryOf(entry) ?? []);
  return number === undefined || revoked.length < inside(list).length ? undefined : { number, revoked };
}

function entryOf(entry: Element): Revoked | undefined {
  const [serial, since, extensions] = inside(entry);
  const at = since && timeIn(since);
  if (serial?.tag !== tags.integer || at === undefined) return undefined;
  const [reason] = (extensions && valueIn(extensions, oids.reason)) ?? [];
  const held = reason?.tag === tags.enumerated && reason.content[0] === reasons.hold;
  return { serial: serialText(serial.content), at, reason: held ? 'hold' : 'final' };
}

function numberIn(field: Element | undefined): bigint | undefined {
  if (field?.tag !== context(0, 'constructed')) return undefined;
  const [extensions] = inside(field);
  const [number] = (extensions && valueIn(extensions, oids.number)) ?? [];
  return number?.tag === tags.integer ? BigInt(`0x${number.content.toString('hex')}`) : undefined;
}

function valueIn(extensions: Element, id: string): readonly Element[] | undefined {
  const found = inside(extensions).find((each) => inside(each)[0]?.whole.equals(oid(id)));
  const content = inside(found).at(-1);
  return content?.tag === tags.octets ? elements(content.content) : undefined;
}
