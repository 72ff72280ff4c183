import type { Call } from '../../core/call';
import { Failure } from '../../core/failure';
import type { Answer } from '../../net/pinned-request';
import { queryError } from './answers';
import { type Asking, authorityOf, exchange } from './exchange';
import { controlPlane } from './places';
import type { IamTarget } from './target';
import { readXml, type Xml, xmlIn } from './xml';

/** Part of a call's time that one request may take: several make up one verb. */
const SHARE = 0.15;

/** What IAM said: the answer, when by its own clock (epoch ms, to the second), and under which id. */
export interface Told {
  readonly state: 'done';
  readonly result: Xml;
  readonly at: number;
  readonly requestId: string | undefined;
}

/** There is no such user, role, key or policy. */
export interface Absent {
  readonly state: 'absent';
}

/**
 * One request to IAM, signed by the authority of the call.
 * @throws Failure by the error's name: QuotaReached, AdminRightsMissing, TargetThrottled, TargetUnreachable,
 * TargetRejected; IAM's words are never quoted
 */
export async function ask(target: IamTarget, asking: Asking, call: Call): Promise<Told | Absent> {
  const signing = { keys: authorityOf(call), at: call.now(), timeoutMs: call.timeoutMs * SHARE };
  const answer = await exchange(target, controlPlane(target), asking, signing);
  const response = answer.status === 200 ? readXml(answer.body, `${asking.action}Response`) : undefined;
  if (response) {
    const requestId = response.first('RequestId');
    const at = Date.parse(answer.headers.date ?? '');
    const [result = ''] = response.all(`${asking.action}Result`);
    return { state: 'done', result: xmlIn(result), at: Number.isNaN(at) ? call.now() : at, requestId };
  }
  if (queryError(answer).code === 'NoSuchEntity') return { state: 'absent' };
  throw failureOf(asking, answer);
}

const throttled = ['Throttling', 'ThrottlingException', 'RequestLimitExceeded', 'TooManyRequestsException'];
/** IAM is busy with an earlier change of the same user (IAM API reference, common errors). */
const busy = ['ConcurrentModification', 'EntityTemporarilyUnmodifiable'];
const unauthorised = [
  'AccessDenied',
  'InvalidClientTokenId',
  'SignatureDoesNotMatch',
  'ExpiredToken',
  'OptInRequired',
];

function failureOf(asking: Asking, answer: Answer): Failure {
  const { status, code = 'no error that can be read' } = queryError(answer);
  const said = `iam:${asking.action} answered HTTP ${status} ${code}`;
  const effect = 'change' in asking ? 'unknown' : 'none';
  if (code === 'LimitExceeded') return new Failure('QuotaReached', `${said}. Nothing was changed`, 'none');
  if (unauthorised.includes(code)) {
    const next = 'connectors/iam-access-key/README.md lists the rights and tags it takes';
    return new Failure('AdminRightsMissing', `${said}. ${next}. Nothing was changed`, 'none');
  }
  if (throttled.includes(code) || busy.includes(code))
    return new Failure('TargetThrottled', `${said}; asked again later. Nothing was changed`, 'none');
  if (status >= 500) return new Failure('TargetUnreachable', `${said}; asked again later`, effect);
  return new Failure(
    'TargetRejected',
    `${said}. See the service health and the endpoint of the policy`,
    effect,
  );
}

/** As `ask`, for what has to be there. */
export async function mustAsk(target: IamTarget, asking: Asking, call: Call): Promise<Told> {
  const told = await ask(target, asking, call);
  if (told.state === 'done') return told;
  const message = `iam:${asking.action} found no such user, role or policy: user ${target.user}. Nothing was changed. Correct target.user, or create the user`;
  throw new Failure('PrincipalMissing', message, 'none');
}
