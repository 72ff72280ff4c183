import { createPrivateKey } from 'node:crypto';
import type { Material } from '../../core/material';
import type { Answer, PinnedRequest } from '../../net/pinned-request';

/** Fields of material that are no secret: names, places, times and what everybody is shown. All others are secret. */
const shown: ReadonlySet<string> = new Set([
  'engine',
  'host',
  'port',
  'dbname',
  'username',
  'id',
  'client_id',
  'secret_id',
  'accessKeyId',
  'role',
  'expires',
  'witness_expires',
  'certificate',
  'serverCertificate',
  'caCertificate',
  'ca',
]);

/** The secrets of material, by field; a private key is looked for as text, line by line, and as its bare number. */
export function secretsIn(material: Material): ReadonlyMap<string, string> {
  return new Map(fieldsOf(JSON.parse(material.toVaultText()), ''));
}

function fieldsOf(value: unknown, path: string): readonly [string, string][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, held]): readonly [string, string][] => {
    if (shown.has(name)) return [];
    const at = `${path}${name}`;
    if (typeof held !== 'string') return fieldsOf(held, `${at}.`);
    if (held.startsWith('[') || held.startsWith('{')) return fieldsOf(JSON.parse(held), `${at}.`);
    return held.includes('PRIVATE KEY') ? keyIn(held, at) : [[at, held]];
  });
}

function keyIn(pem: string, at: string): readonly [string, string][] {
  const { d = '' } = createPrivateKey(pem).export({ format: 'jwk' });
  const lines = pem.trim().split('\n').slice(1, -1);
  return [
    [`${at}, its number`, d],
    [`${at}, its number in hex`, Buffer.from(d, 'base64url').toString('hex')],
    // The first line holds the beginning of the number; the lines after it may be those of the public half alone.
    [`${at}, its first line`, lines[0] ?? ''],
  ];
}

const carrying = ['authorization', 'x-api-key', 'x-amz-security-token'];
const fields = /"(?:access_token|refresh_token|client_secret|registration_access_token)":"([^"]+)"/g;
const elements = /<(?:SecretAccessKey|SessionToken)>([^<]+)</g;

/** The secrets that a request shows and its answer brings: tokens and keys that no vault ever holds among them. */
export function secretsOnWire({ headers = {} }: PinnedRequest, { body }: Answer): readonly string[] {
  const shownIn = Object.entries(headers)
    .filter(([name]) => carrying.includes(name.toLowerCase()))
    .flatMap(([, value]) => tokenOf(value));
  const brought = [...body.matchAll(fields), ...body.matchAll(elements)].map(([, value = '']) => value);
  return [...shownIn, ...brought];
}

/** A signature is bound to its one request and is none; a Basic header holds the secret in another form too. */
function tokenOf(header: string): readonly string[] {
  if (header.startsWith('AWS4-')) return [];
  const value = header.replace(/^(?:Bearer|Basic) /, '');
  if (!header.startsWith('Basic ')) return [value];
  const [, secret = ''] = Buffer.from(value, 'base64').toString('utf8').split(':');
  return [value, secret];
}
