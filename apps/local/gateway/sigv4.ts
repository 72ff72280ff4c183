import { createHash, timingSafeEqual } from 'node:crypto';
import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import { familyOf, ServiceError } from '../service';
import type { Credential, Credentials } from './credentials';

type Keys = Pick<Credential, 'accessKeyId' | 'secretAccessKey'>;

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
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly authorization: string;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/\d{8}\/([^/,\s]+)\/([^/,\s]+)\/aws4_request,\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/;
const MAX_SKEW_MS = 15 * 60_000;

/**
 * Reads the Authorization header.
 * @throws ServiceError `MissingAuthenticationToken` or `IncompleteSignature`.
 */
export function readClaim(headers: Readonly<Record<string, string>>): Claim {
  const authorization = headers['authorization'];
  if (!authorization)
    throw new ServiceError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
  const [, accessKeyId, region, service, signed] = AUTHORIZATION.exec(authorization) ?? [];
  if (!accessKeyId || !region || !service || !signed) {
    const why = 'Authorization header is not an AWS4-HMAC-SHA256 signature';
    throw new ServiceError('IncompleteSignature', why, 403);
  }
  return { accessKeyId, region, service, signedHeaders: signed.split(';'), authorization };
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

function query(target: string): Record<string, string | string[]> {
  const found: Record<string, string[]> = {};
  for (const [name, value] of new URL(target, 'http://local').searchParams) (found[name] ??= []).push(value);
  return found;
}

async function expectedAuthorization(
  request: SignedRequest,
  { region, service, signedHeaders }: Claim,
  { accessKeyId, secretAccessKey }: Keys,
) {
  const credentials = { accessKeyId, secretAccessKey };
  const how = { sha256: Sha256, uriEscapePath: service !== 's3', applyChecksum: false };
  const signer = new SignatureV4({ credentials, region, service, ...how });
  const { method, target, body } = request;
  const date = signingDate(request.headers);
  const headers = Object.fromEntries(signedHeaders.map((name) => [name, request.headers[name] ?? '']));
  const path = target.split('?', 1)[0] ?? '/';
  const signed = await signer.sign(
    { method, protocol: 'http:', hostname: '127.0.0.1', path, query: query(target), headers, body },
    { signingDate: date, signableHeaders: new Set(signedHeaders) },
  );
  return signed.headers['authorization'] ?? '';
}

const same = (a: string, b: string) =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/** Whether a request bears the signature that these keys give it, over the body that came. */
export async function signatureHolds(request: SignedRequest, claim: Claim, keys: Keys): Promise<boolean> {
  if (Number.isNaN(signingDate(request.headers).getTime())) return false;
  const stated = request.headers['x-amz-content-sha256'];
  const actual = createHash('sha256').update(request.body).digest('hex');
  const bodyHolds = stated === undefined || stated === actual || stated.startsWith('UNSIGNED-PAYLOAD');
  const expected = await expectedAuthorization(request, claim, keys);
  return bodyHolds && same(normal(expected), normal(claim.authorization));
}

/** Whether a request was signed too far from now: 15 minutes are allowed. */
export function isLate(headers: SignedRequest['headers'], nowMs: number): boolean {
  return Math.abs(signingDate(headers).getTime() - nowMs) > MAX_SKEW_MS;
}

/**
 * Verifies an AWS Signature Version 4 by signing the same request again with the secret on file.
 * Role sessions must also be on time (15 minutes); the trusted host is not held to the engine's clock.
 * @throws ServiceError with the error name the claimed service would answer.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export async function verifySignature(
  request: SignedRequest,
  claim: Claim,
  credentials: Credentials,
  nowMs: number,
): Promise<Credential> {
  const credential = credentials.find(claim.accessKeyId);
  const token = request.headers['x-amz-security-token'];
  if (!credential || token !== credential.sessionToken) throw refusal(claim.service, 'unknown');
  if (!(await signatureHolds(request, claim, credential))) throw refusal(claim.service, 'wrong');
  if (isLate(request.headers, nowMs) && credential.caller.kind === 'role')
    throw refusal(claim.service, 'late');
  return credential;
}

const normal = (authorization: string) => authorization.replace(/,\s*/g, ',');
