import { fromBER, Integer, Sequence } from 'asn1js';

/**
 * Serial numbers on a revocation list (RFC 5280, 5.1), hex in small letters. Node checks the list too, but of several
 * things wrong with a certificate it reports the last it saw, and that it has run out would hide that it is revoked.
 */
export function serialsOn(crl: string): ReadonlySet<string> {
  const base64 = crl.replaceAll(/-----[A-Z0-9 ]+-----|\s/g, '');
  const bytes = new Uint8Array(Buffer.from(base64, 'base64'));
  const list = bytes.length === 0 ? undefined : fromBER(bytes).result;
  const body = list instanceof Sequence ? list.valueBlock.value[0] : undefined;
  const fields = body instanceof Sequence ? body.valueBlock.value : [];
  const serials = fields.flatMap((field) => (field instanceof Sequence ? field.valueBlock.value : []));
  return new Set(
    serials.flatMap((entry) => {
      const serial = entry instanceof Sequence ? entry.valueBlock.value[0] : undefined;
      if (!(serial instanceof Integer)) return [];
      return [
        Buffer.from(serial.valueBlock.valueHexView)
          .toString('hex')
          .replace(/^(00)+(?=..)/, ''),
      ];
    }),
  );
}
