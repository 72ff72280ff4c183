import type { Call } from '../../core/call';
import { Failure } from '../../core/failure';
import type { Material } from '../../core/material';
import { type Answer, type PinnedRequest, sendPinned, systemResolve } from '../../net/pinned-request';
import { type Place, urlOf } from './places';
import { type Keys, signed } from './signature';
import type { IamTarget } from './target';

/** The version of each service's Query protocol. */
const versions = { iam: '2010-05-08', sts: '2011-06-15' } as const;

type Parameters = Readonly<Record<string, string>>;

/** A request to a place, as it is signed. */
export type Asking =
  /** Reads, and is repeated without harm. */
  | { readonly action: string; readonly read: Parameters }
  /** Changes something. */
  | { readonly action: string; readonly change: Parameters }
  /** The data call: lists one table of the region at most. */
  | { readonly action: 'ListTables' };

/** The credentials in a secret; undefined when it holds none. */
export function keysIn(material: Material): Keys | undefined {
  const [accessKeyId, secretAccessKey, sessionToken] = ['accessKeyId', 'secretAccessKey', 'sessionToken'].map(
    (field) => material.reveal(field),
  );
  if (!accessKeyId || !secretAccessKey) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}

/**
 * Whose credentials sign a call to IAM: the function's own, where the secret says `authority: function`, else the secret's.
 * @throws Failure AdminSecretMissing; nothing was sent
 */
export function authorityOf(call: Call): Keys {
  const isOwn = call.authority.reveal('authority') === 'function';
  const keys = isOwn ? call.own && keysIn(call.own) : keysIn(call.authority);
  if (keys) return keys;
  const message = isOwn
    ? 'The secret of target.admin or target.control says authority: function, and this function has no credentials of its own. Nothing was sent. Outside of AWS, put accessKeyId and secretAccessKey into the secret'
    : 'The secret of target.admin or target.control holds neither authority: function nor accessKeyId and secretAccessKey. Nothing was sent. Put one of them there';
  throw new Failure('AdminSecretMissing', message, 'none');
}

/** Who signs a request, when by our clock (epoch ms), and how long the answer may take. */
export interface Signing {
  readonly keys: Keys;
  readonly at: number;
  readonly timeoutMs: number;
}

/** Signs a request and sends it to one place and nowhere else; what the network does is thrown as RequestFailure. */
export async function exchange(
  target: IamTarget,
  place: Place,
  asking: Asking,
  { keys, at, timeoutMs }: Signing,
): Promise<Answer> {
  const { allowPrivate, ca } = target;
  const { text, payload, ...request } = requestOf(urlOf(target, place), place, asking);
  const headers = await signed({ ...request, body: text }, place, keys, at);
  const limits = { timeoutMs: Math.max(1, Math.floor(timeoutMs)), allowPrivate };
  const trust = ca === undefined ? {} : { ca };
  return sendPinned({ ...request, headers, ...payload, ...limits, ...trust }, systemResolve);
}

/** A request ready to be signed: `text` is the body as `payload` will be sent. */
interface Ready extends Pick<PinnedRequest, 'url'> {
  readonly method: 'GET' | 'POST';
  readonly headers: Parameters;
  readonly text: string;
  readonly payload: Pick<PinnedRequest, 'body' | 'form'>;
}

// Asked for JSON, which is the default of our client, the Query protocol answers in a JSON of its own.
const asXml = { accept: 'text/xml' };
const oneTable = { Limit: 1 };
const listTables = {
  'content-type': 'application/x-amz-json-1.0',
  'x-amz-target': 'DynamoDB_20120810.ListTables',
};

function requestOf(url: URL, { service }: Place, asking: Asking): Ready {
  if (service === 'dynamodb') {
    const payload = { body: oneTable };
    return { method: 'POST', url, headers: listTables, text: JSON.stringify(oneTable), payload };
  }
  const named = { Action: asking.action, Version: versions[service] };
  if ('change' in asking) {
    const form = { ...named, ...asking.change };
    return {
      method: 'POST',
      url,
      headers: asXml,
      text: new URLSearchParams(form).toString(),
      payload: { form },
    };
  }
  const read = 'read' in asking ? asking.read : {};
  for (const [name, value] of Object.entries({ ...named, ...read })) url.searchParams.set(name, value);
  return { method: 'GET', url, headers: asXml, text: '', payload: {} };
}
