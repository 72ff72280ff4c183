import { randomUUID } from 'node:crypto';
import { readClaim, type Claim, type SignedRequest } from '../../gateway/sigv4';
import { xml } from '../../gateway/xml';
import type { Answer } from '../../gateway/wire';
import type { Statement } from '../../iam/policy';
import { ServiceError } from '../../service';
import { ACCOUNT, type Account } from './account';
import { authenticate, type Signer } from './authenticate';
import { authorise } from './authorise';
import { iamActions, type Parameters } from './iam-api';
import type { Places } from './places';
import { Refusal } from './refusal';
import { stsActions } from './sts-api';

/** What the services of the stand-in work on. */
export interface Surroundings {
  readonly account: Account;
  readonly places: Places;
  readonly now: () => number;
  /** What the organization above the account forbids. */
  readonly organization: () => readonly Statement[];
  readonly trouble: () => 'none' | 'throttled' | 'unavailable';
}

type Serve = (request: SignedRequest) => Promise<Answer>;

/** IAM, STS and one action of DynamoDB, told apart by the scope of the signature, as one endpoint for all of AWS. */
export function services(around: Surroundings): Serve {
  const actions = { iam: iamActions(around.account), sts: stsActions(around.account) };
  return async (request) => {
    let service = 'iam';
    try {
      const claim = readClaim(request.headers);
      ({ service } = claim);
      // Changes are what the control plane does; it knows them at once. All other places have their lag.
      const lagMs = service === 'iam' ? 0 : around.places.next(claim.region);
      const now = around.now();
      const signer = authenticate(around.account, request, claim, now, lagMs);
      return service === 'dynamodb'
        ? listTables(around, signer, request, lagMs)
        : query(around, actions, { claim, signer, request, lagMs });
    } catch (error) {
      return refused(request, service, error);
    }
  };
}

interface Signed {
  readonly claim: Claim;
  readonly signer: Signer;
  readonly request: SignedRequest;
  readonly lagMs: number;
}

function query(
  around: Surroundings,
  actions: {
    readonly iam: ReturnType<typeof iamActions>;
    readonly sts: ReturnType<typeof stsActions>;
  },
  { claim, signer, request, lagMs }: Signed,
): Answer {
  const given = parametersOf(request);
  const action = given['Action'] ?? '';
  const now = around.now();
  const isChange = claim.service === 'iam' && request.method === 'POST';
  const inTheWay = isChange ? around.trouble() : 'none';
  if (inTheWay === 'throttled') throw new Refusal('Throttling', 'Rate exceeded', 400);
  if (inTheWay === 'unavailable') throw new Refusal('ServiceUnavailable', 'Try again later', 503);
  const known = claim.service === 'iam' ? actions.iam[action] : actions.sts[action];
  if (!known) throw new Refusal('InvalidAction', `Could not find operation ${action}`, 400);
  if (claim.service === 'iam') {
    const resource = `arn:aws:iam::${ACCOUNT}:user/${given['UserName'] ?? '*'}`;
    const organization = around.organization();
    authorise(signer, { action: `iam:${action}`, resource, now, lagMs, organization });
    return ok(request, action, actions.iam[action]?.(given, now));
  }
  return ok(request, action, actions.sts[action]?.(given, signer));
}

function parametersOf({ method, target, body }: SignedRequest): Parameters {
  const search = new URL(target, 'http://local').searchParams;
  return Object.fromEntries(method === 'GET' ? search : new URLSearchParams(body.toString('utf8')));
}

function ok(request: SignedRequest, action: string, result: object | undefined): Answer {
  const answer = { [`${action}Result`]: result, ResponseMetadata: { RequestId: randomUUID() } };
  return written(request, 200, `${action}Response`, answer);
}

/** The Query protocol answers in XML, and in a JSON of the same shape to whoever asks for that. */
function written({ headers }: SignedRequest, status: number, root: string, answer: object): Answer {
  return headers['accept'] === 'application/json'
    ? { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ [root]: answer }) }
    : { status, headers: { 'content-type': 'text/xml' }, body: xml(root, answer) };
}

function listTables(around: Surroundings, signer: Signer, { headers }: SignedRequest, lagMs: number): Answer {
  if (headers['x-amz-target'] !== 'DynamoDB_20120810.ListTables')
    throw new Refusal('UnknownOperationException', 'the stand-in lists tables only', 400);
  const resource = `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/*`;
  const asked = { action: 'dynamodb:ListTables', resource, now: around.now(), lagMs };
  authorise(signer, { ...asked, organization: around.organization() });
  return { status: 200, headers: {}, body: JSON.stringify({ TableNames: ['orders'] }) };
}

function refused(request: SignedRequest, service: string, error: unknown): Answer {
  if (!(error instanceof Refusal) && !(error instanceof ServiceError)) throw error;
  const { code, message, status } = error;
  if (service === 'dynamodb') {
    const body = JSON.stringify({ __type: `com.amazon.coral.service#${code}`, message });
    return { status, headers: { 'content-type': 'application/x-amz-json-1.0' }, body };
  }
  const answer = { Error: { Type: 'Sender', Code: code, Message: message }, RequestId: randomUUID() };
  return written(request, status, 'ErrorResponse', answer);
}
