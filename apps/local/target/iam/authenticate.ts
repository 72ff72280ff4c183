import { isLate, signatureHolds, type Claim, type SignedRequest } from '../../gateway/sigv4';
import type { Account, Key, Principal, Session } from './account';
import { Refusal } from './refusal';

/** Who signed a request, as the place that answers it sees them. */
export interface Signer {
  readonly principal: Principal;
  readonly key: Key | undefined;
  readonly session: Session | undefined;
}

/** What IAM and STS, and what a service that speaks JSON, call each way a signature is not accepted. */
const codes = {
  query: { unknown: 'InvalidClientTokenId', wrong: 'SignatureDoesNotMatch', expired: 'ExpiredToken' },
  json: {
    unknown: 'UnrecognizedClientException',
    wrong: 'InvalidSignatureException',
    expired: 'ExpiredTokenException',
  },
} as const;
const messages = {
  unknown: 'The security token included in the request is invalid.',
  wrong: 'The request signature we calculated does not match the signature you provided.',
  late: 'Signature expired: it is now too far from the time of the service.',
  expired: 'The security token included in the request is expired',
} as const;

function refusal(service: string, why: keyof typeof messages): Refusal {
  const family = service === 'dynamodb' ? 'json' : 'query';
  const code = codes[family][why === 'late' ? 'wrong' : why];
  return new Refusal(code, messages[why], family === 'json' ? 400 : 403);
}

/** Headers that a signature has to cover for AWS to take it. */
const covered = ['host', 'x-amz-date', 'x-amz-target', 'x-amz-security-token'];

/**
 * Finds out who signed, at a place that is `lagMs` behind.
 * @throws Refusal by the name the claimed service gives it
 */
export function authenticate(
  account: Account,
  request: SignedRequest,
  claim: Claim,
  now: number,
  lagMs: number,
): Signer {
  const { service, accessKeyId } = claim;
  const key = account.keys.get(accessKeyId);
  const session = account.sessions.get(accessKeyId);
  const principal = session?.principal ?? account.principals.get(`user/${key?.user ?? ''}`);
  const secret = key?.secret ?? session?.secret;
  const token = request.headers['x-amz-security-token'];
  const isActive = key === undefined || key.status.at(now - lagMs) === 'Active';
  if (!principal || secret === undefined || !isActive || token !== session?.token)
    throw refusal(service, 'unknown');
  const isCovered = covered.every((name) => !request.headers[name] || claim.signedHeaders.includes(name));
  const holds = signatureHolds(request, claim, { secretAccessKey: secret });
  if (!isCovered || !holds) throw refusal(service, 'wrong');
  if (isLate(request.headers, now)) throw refusal(service, 'late');
  if (session && session.expiresAt <= now) throw refusal(service, 'expired');
  if (key) key.lastUsedAt = now;
  return { principal, key, session };
}
