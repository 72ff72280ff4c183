import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { escapeUri } from '@smithy/core/protocols';
import { familyOf, ServiceError } from '../service';
import type { Credential, Credentials } from './credentials';

type Keys = Pick<Credential, 'secretAccessKey'>;

/** A request as it came over the wire. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query as sent, still escaped. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What a signature claims before it is checked. */
export interface Claim {
  readonly accessKeyId: string;
  /** Date, region, service and `aws4_request`. */
  readonly scope: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8}\/([^/,\s]+)\/([^/,\s]+)\/aws4_request),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/;
const MAX_SKEW_MS = 15 * 60_000;

/**
 * Reads the Authorization header.
 * @throws ServiceError `MissingAuthenticationToken` or `IncompleteSignature`.
 */
export function readClaim(headers: Readonly<Record<string, string>>): Claim {
  const authorization = headers['authorization'];
  if (!authorization)
    throw new ServiceError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
  const [, accessKeyId, scope, region, service, signed, signature] = AUTHORIZATION.exec(authorization) ?? [];
  if (!accessKeyId || !scope || !region || !service || !signed || !signature) {
    const why = 'Authorization header is not an AWS4-HMAC-SHA256 signature';
    throw new ServiceError('IncompleteSignature', why, 403);
  }
  return { accessKeyId, scope, region, service, signedHeaders: signed.split(';'), signature };
}

const INVALID = 'InvalidSignatureException';
/** What each family of services calls a key it does not know, a signature that is wrong, and one that is late. */
const CODES = {
  s3: { unknown: 'InvalidAccessKeyId', wrong: 'SignatureDoesNotMatch', late: 'RequestTimeTooSkewed' },
  query: { unknown: 'InvalidClientTokenId', wrong: 'SignatureDoesNotMatch', late: 'SignatureDoesNotMatch' },
  json: { unknown: 'UnrecognizedClientException', wrong: INVALID, late: INVALID },
} as const;
const MESSAGES = {
  unknown: 'The security token included in the request is invalid.',
  wrong: 'The request signature we calculated does not match the signature you provided.',
  late: 'Signature expired: the request was signed too far from the current time.',
} as const;

function refusal(service: string, kind: keyof typeof MESSAGES): ServiceError {
  const family = familyOf(service);
  const status = kind === 'unknown' && family === 'json' ? 400 : 403;
  return new ServiceError(CODES[family][kind], MESSAGES[kind], status);
}

/** When a request says it was signed; an invalid date where it does not say. */
function signingDate(headers: Readonly<Record<string, string>>): Date {
  const stamp = headers['x-amz-date'] ?? '';
  return new Date(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

/** The query of a target, escaped once, by name and then by value. */
function canonicalQuery(target: string): string {
  if (!target.includes('?')) return '';
  const fields = [...new URL(target, 'http://local').searchParams];
  return fields
    .map(([name, value]) => [escapeUri(name), escapeUri(value)] as const)
    .toSorted(([a, x], [b, y]) => (a < b || (a === b && x < y) ? -1 : 1))
    .map((field) => field.join('='))
    .join('&');
}

/** A request as SigV4 hashes it. S3 alone takes the path as it was sent, all others escape that once more. */
function canonical({ method, target, headers }: SignedRequest, claim: Claim, bodyHash: string): string {
  const { service, signedHeaders } = claim;
  const path = target.split('?', 1)[0] ?? '/';
  const lines = signedHeaders.map(
    (name) => `${name}:${(headers[name] ?? '').trim().replace(/[ \t]+/g, ' ')}`,
  );
  return [
    method,
    service === 's3' ? path : path.split('/').map(escapeUri).join('/'),
    canonicalQuery(target),
    ...lines,
    '',
    signedHeaders.join(';'),
    bodyHash,
  ].join('\n');
}

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
const sha256 = (data: string | Buffer) => hash('sha256', data, 'hex');

// A key signs all day for a region and service with what is derived from it once.
const derived = new WeakMap<Keys, Map<string, string | Buffer>>();

function signingKey(keys: Keys, scope: string): string | Buffer {
  const known = derived.get(keys) ?? new Map<string, string | Buffer>();
  const secret: string | Buffer = `AWS4${keys.secretAccessKey}`;
  const key = known.get(scope) ?? scope.split('/').reduce(hmac, secret);
  derived.set(keys, known.set(scope, key));
  return key;
}

/** Whether a request bears the signature that these keys give it, over the body that came. */
export function signatureHolds(request: SignedRequest, claim: Claim, keys: Keys): boolean {
  const { scope, signature } = claim;
  const { 'x-amz-date': stamp = '', 'x-amz-content-sha256': stated } = request.headers;
  if (Number.isNaN(signingDate(request.headers).getTime()) || !scope.startsWith(stamp.slice(0, 8)))
    return false;
  const actual = sha256(request.body);
  const bodyHolds = stated === undefined || stated === actual || stated.startsWith('UNSIGNED-PAYLOAD');
  const hashed = sha256(canonical(request, claim, stated ?? actual));
  const expected = hmac(signingKey(keys, scope), ['AWS4-HMAC-SHA256', stamp, scope, hashed].join('\n'));
  return bodyHolds && timingSafeEqual(expected, Buffer.from(signature, 'hex'));
}

/** Whether a request was signed too far from now: 15 minutes are allowed. */
export function isLate(headers: SignedRequest['headers'], nowMs: number): boolean {
  return Math.abs(signingDate(headers).getTime() - nowMs) > MAX_SKEW_MS;
}

/**
 * Verifies an AWS Signature Version 4: the same request is signed again with the secret on file.
 * Role sessions must also be on time (15 minutes); the trusted host is not held to the engine's clock.
 * @throws ServiceError with the error name the claimed service would answer.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function verifySignature(
  request: SignedRequest,
  claim: Claim,
  credentials: Credentials,
  nowMs: number,
): Credential {
  const credential = credentials.find(claim.accessKeyId);
  const token = request.headers['x-amz-security-token'];
  if (!credential || token !== credential.sessionToken) throw refusal(claim.service, 'unknown');
  if (!signatureHolds(request, claim, credential)) throw refusal(claim.service, 'wrong');
  if (isLate(request.headers, nowMs) && credential.caller.kind === 'role')
    throw refusal(claim.service, 'late');
  return credential;
}
