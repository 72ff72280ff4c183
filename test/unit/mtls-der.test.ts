import * as fc from 'fast-check';
import { fromBER, Integer, ObjectIdentifier, Sequence } from 'asn1js';
import { der, elements, integer, oid, tags, time, timeIn } from '../../connectors/mtls-certificate/x509/der';

const bytes = (length: { min?: number; max: number }) =>
  fc.uint8Array({ minLength: length.min ?? 0, maxLength: length.max }).map((each) => Buffer.from(each));

/** What another implementation reads. */
function elsewhere(written: Buffer): unknown {
  const { offset, result } = fromBER(new Uint8Array(written));
  expect(offset).toBe(written.length);
  return result;
}

describe('what is written', () => {
  it('is read as the same by another implementation, of any length', () => {
    fc.assert(
      fc.property(fc.array(bytes({ max: 90_000 }), { maxLength: 3 }), (contents) => {
        const read = elsewhere(der(tags.sequence, ...contents.map((each) => der(tags.octets, each))));
        expect(read).toBeInstanceOf(Sequence);
        expect(read instanceof Sequence && read.valueBlock.value.length).toBe(contents.length);
      }),
      { numRuns: 50 },
    );
  });

  it('is a number of zero or more, whatever its first bit', () => {
    fc.assert(
      fc.property(bytes({ min: 1, max: 20 }), (value) => {
        const minimal = Buffer.from(value);
        minimal[0] = (minimal[0] ?? 0) | 1;
        const read = elsewhere(integer(minimal));
        expect(read instanceof Integer && read.toBigInt()).toBe(BigInt(`0x${minimal.toString('hex')}`));
      }),
    );
  });

  it.each(['2.5.29.20', '1.2.840.113549.1.1.11', '1.3.6.1.5.5.7.3.2'])('names %s', (name) => {
    const read = elsewhere(oid(name));
    expect(read instanceof ObjectIdentifier && read.valueBlock.toString()).toBe(name);
  });

  it.each([
    Date.UTC(1999, 11, 31, 23, 59, 59),
    Date.UTC(2049, 11, 31),
    Date.UTC(2050, 0, 1),
    Date.UTC(2099, 5),
  ])('holds the time %i', (at) => {
    const [read] = elements(time(at)) ?? [];
    expect(read && timeIn(read)).toBe(at);
  });
});

describe('what is read', () => {
  it('is what was written, element by element', () => {
    fc.assert(
      fc.property(fc.array(bytes({ max: 300 })), (contents) => {
        const written = Buffer.concat(contents.map((each) => der(tags.octets, each)));
        expect(elements(written)?.map(({ content }) => content)).toEqual(contents);
      }),
    );
  });

  it.each([
    ['an indefinite length', '3080020101 0000'],
    ['a length written longer than it has to be', '0481020101'],
    ['less than its length says', '040501'],
    ['a tag of more than one octet', '1f8101 00'],
    ['a length of five octets', '0485000000000100'],
    ['half an element', '04'],
  ])('is not %s', (_what, hex) => {
    expect(elements(Buffer.from(hex.replaceAll(' ', ''), 'hex'))).toBeUndefined();
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(fc.property(bytes({ max: 64 }), (any) => void elements(any)));
  });
});
