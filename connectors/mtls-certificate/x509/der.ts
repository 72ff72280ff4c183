/** The types of ASN.1 that certificates and revocation lists are made of, by their DER identifier octet (X.690, 8.1.2). */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The identifier octet of a context-specific tag. */
export function context(number: number, form: 'primitive' | 'constructed'): number {
  return (form === 'primitive' ? 0x80 : 0xa0) | number;
}

/** One element, of these contents one after the other. */
export function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes = minimal(length);
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
}

function minimal(value: number): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}

/** An INTEGER of zero or more, from its bytes: a first bit that is set would make it negative. */
export function integer(bytes: Buffer): Buffer {
  const first = bytes[0] ?? 0;
  return der(
    tags.integer,
    first >= 0x80 || bytes.length === 0 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes,
  );
}

/** An OBJECT IDENTIFIER, from its dotted form. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => base128(arc));
  return der(tags.oid, Buffer.from(bytes));
}

function base128(arc: number): readonly number[] {
  const groups = [arc % 128];
  for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
    groups.unshift((left % 128) | 0x80);
  return groups;
}

/** A time in whole seconds: UTCTime until 2049, GeneralizedTime from then on (RFC 5280, 4.1.2.5). */
export function time(epochMs: number): Buffer {
  const digits = `${new Date(epochMs).toISOString().slice(0, 19).replaceAll(/\D/g, '')}Z`;
  return digits < '2050'
    ? der(tags.utcTime, Buffer.from(digits.slice(2)))
    : der(tags.generalizedTime, Buffer.from(digits));
}

/** An element that was read: its identifier octet, its contents, and all of it. */
export interface Element {
  readonly tag: number;
  readonly content: Buffer;
  readonly whole: Buffer;
}

/** The elements that bytes consist of; undefined when they are not DER from the first byte to the last. */
export function elements(bytes: Buffer): readonly Element[] | undefined {
  const found: Element[] = [];
  for (let at = 0; at < bytes.length;) {
    const element = elementAt(bytes.subarray(at));
    if (!element) return undefined;
    found.push(element);
    at += element.whole.length;
  }
  return found;
}

/** The elements inside one; none when it holds none. */
export function inside(element: Element | undefined): readonly Element[] {
  return (element && elements(element.content)) ?? [];
}

function elementAt(bytes: Buffer): Element | undefined {
  const [tag, short] = bytes;
  // Tags of more than one octet do not occur here, and DER has no indefinite length.
  if (tag === undefined || short === undefined || (tag & 0x1f) === 0x1f || short === 0x80) return undefined;
  const extra = short < 0x80 ? 0 : short & 0x7f;
  if (extra > 4 || bytes.length < 2 + extra) return undefined;
  const length = extra === 0 ? short : bytes.readUIntBE(2, extra);
  const start = 2 + extra;
  if (bytes.length < start + length || !lengthOf(length).equals(bytes.subarray(1, start))) return undefined;
  return { tag, content: bytes.subarray(start, start + length), whole: bytes.subarray(0, start + length) };
}

/** The time in an element, epoch milliseconds; undefined when it is none. */
export function timeIn({ tag, content }: Element): number | undefined {
  const text = content.toString('latin1');
  // Two digits of a year below 50 are of this century (RFC 5280, 4.1.2.5.1).
  const century = Number(text.slice(0, 2)) < 50 ? '20' : '19';
  const full = tag === tags.utcTime ? century + text : tag === tags.generalizedTime ? text : '';
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(full);
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1);
  const epochMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(epochMs) ? undefined : epochMs;
}

/** PEM text of DER. */
export function pem(label: 'CERTIFICATE' | 'X509 CRL', bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
