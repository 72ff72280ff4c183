import * as z from 'zod/mini';
import { ServiceError } from '../service';
import type { SignedRequest } from './sigv4';
import type { Answer } from './wire';
import { xml } from './xml';

const INVOKE = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** Lambda's REST-JSON: only Invoke exists here. */
export function decodeInvoke(request: SignedRequest) {
  const [path = ''] = request.target.split('?', 1);
  const name = INVOKE.exec(path)?.[1];
  if (request.method !== 'POST' || !name) return { action: `${request.method} ${path}`, input: {} };
  const InvocationType = request.headers['x-amz-invocation-type'];
  const Payload = request.body.toString('utf8');
  return { action: 'Invoke', input: { FunctionName: decodeURIComponent(name), InvocationType, Payload } };
}

const text = z.string();
const Invoked = z.object({ StatusCode: z.number(), Payload: text, FunctionError: z.optional(text) });

/** The payload is the body; a failed function is told by a header, not by the status. */
export function encodeInvoke(result: unknown): Answer {
  const { StatusCode, Payload, FunctionError } = Invoked.parse(result);
  const failed = FunctionError ? { 'x-amz-function-error': FunctionError } : {};
  const headers = { 'content-type': 'application/json', 'x-amz-executed-version': '$LATEST', ...failed };
  return { status: StatusCode, headers, body: Payload };
}

/** Request headers of S3 that come back with the object. */
const KEPT_HEADER =
  /^(content-type|x-amz-meta-.+|x-amz-checksum-(crc32|sha256)|x-amz-object-lock-(mode|retain-until-date))$/;
/** Query fields that do not make a request another operation; they are input under their own name. */
const PLAIN_FIELD =
  /^(x-id|list-type|encoding-type|fetch-owner|prefix|delimiter|max-keys|continuation-token|start-after|versionId|key-marker|version-id-marker)$/;
const pascal = (name: string) =>
  name.replace(/(^|-)([a-z])/g, (_all, _dash, letter: string) => letter.toUpperCase());

/** Names the operation the way S3's API does, also for operations that do not exist here. */
function s3Action(method: string, key: string, search: URLSearchParams): string {
  const verb = pascal(method.toLowerCase());
  const sub = [...search.keys()].find((name) => !PLAIN_FIELD.test(name));
  if (sub === 'versions' && !key) return 'ListObjectVersions';
  if (sub) return `${verb}${key ? 'Object' : 'Bucket'}${pascal(sub)}`;
  if (key) return `${verb}Object`;
  return method === 'GET' && search.get('list-type') === '2' ? 'ListObjectsV2' : `${verb}Bucket`;
}

/** S3's REST-XML, path style: the SDK uses it for an endpoint that is an IP address. */
export function decodeS3(request: SignedRequest) {
  const url = new URL(request.target, 'http://local');
  const [, bucket = '', rest = ''] = /^\/([^/]*)\/?(.*)$/s.exec(url.pathname) ?? [];
  if (request.headers['x-amz-content-sha256']?.startsWith('STREAMING-')) {
    const why = 'gapless local takes no streamed S3 uploads; send a string or a Buffer.';
    throw new ServiceError('NotImplemented', why, 501);
  }
  const given = Object.entries(request.headers);
  const asked = [...url.searchParams].map(([name, value]) => [pascal(name), value]);
  const input: Record<string, unknown> = {
    ...Object.fromEntries(asked),
    Bucket: bucket,
    Key: decodeURIComponent(rest),
    Body: request.body,
    IfNoneMatch: request.headers['if-none-match'],
    Headers: Object.fromEntries(given.filter(([name]) => KEPT_HEADER.test(name))),
    ObjectLockMode: request.headers['x-amz-object-lock-mode'],
  };
  return { action: s3Action(request.method, rest, url.searchParams), input };
}

/** Elements that lists are answered in. */
const LISTS: Readonly<Record<string, string>> = {
  ListObjectsV2: 'ListBucketResult',
  ListObjectVersions: 'ListVersionsResult',
};
const Stored = z.object({ headers: z.record(z.string(), z.string()), body: z.instanceof(Buffer) });

/** Object answers travel as headers and bytes, lists as XML. */
export function encodeS3(action: string, result: unknown, request: SignedRequest): Answer {
  const list = LISTS[action];
  if (list) {
    const body = xml(list, result, 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"');
    return { status: 200, headers: { 'content-type': 'application/xml' }, body };
  }
  const { headers, body } = Stored.parse(result);
  if (request.method !== 'HEAD') return { status: 200, headers, body };
  return { status: 200, headers: { ...headers, 'content-length': String(body.length) }, body: '' };
}
