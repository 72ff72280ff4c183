import type { Verdict } from '../../core/probe';
import { fieldOf, parsed, textOf } from '../../net/json';
import type { Answer } from '../../net/pinned-request';
import { readXml } from './xml';

/** STS and IAM, and the data service: the key is not known, not active, or deleted. */
export const INVALID_KEY = 'InvalidClientTokenId';
export const UNRECOGNIZED_KEY = 'UnrecognizedClientException';

/** What a place answered: the name of an error, or none; and its words, which are never kept. */
export interface Said {
  readonly status: number;
  readonly code: string | undefined;
  readonly message: string;
}

/** An error's name as evidence may keep it. */
const plainCode = /^[A-Za-z][A-Za-z0-9.]{0,63}$/;

/** Reads an error of the Query protocol. */
export function queryError({ status, body }: Answer): Said {
  const error = readXml(body, 'ErrorResponse');
  return said(status, error?.first('Code'), error?.first('Message'));
}

/** Reads an error of the JSON protocol, whose name stands behind a namespace. */
export function jsonError({ status, body }: Answer): Said {
  const fields = parsed(body);
  const name = textOf(fields, '__type')?.split('#').at(-1);
  return said(status, name, textOf(fields, 'message') ?? textOf(fields, 'Message'));
}

function said(status: number, code = '', message = ''): Said {
  return { status, code: plainCode.test(code) ? code : undefined, message };
}

/** What STS says to GetCallerIdentity. It answers whoever it knows: no policy can deny that call (STS API reference). */
export function identityVerdict(answer: Answer): Verdict {
  const identity = readXml(answer.body, 'GetCallerIdentityResponse');
  if (answer.status === 200 && /^arn:aws[a-z-]*:(iam|sts)::\d{12}:/.test(identity?.first('Arn') ?? ''))
    return { state: 'accepted' };
  const { status, code } = queryError(answer);
  if (status === 403 && code === INVALID_KEY) return { state: 'refused', signal: INVALID_KEY };
  return proves(status, code);
}

/**
 * What the data service says to a key. Being denied comes after being known, whoever denies it and how: that key lives.
 * A wrong signature proves nothing, because a clock that is off looks the same.
 */
export function dataVerdict(answer: Answer): Verdict {
  if (answer.status === 200 && Array.isArray(fieldOf(parsed(answer.body), 'TableNames')))
    return { state: 'accepted' };
  const { status, code } = jsonError(answer);
  if (status === 400 && code === 'AccessDeniedException') return { state: 'accepted' };
  if (status === 400 && code === UNRECOGNIZED_KEY) return { state: 'refused', signal: UNRECOGNIZED_KEY };
  return proves(status, code);
}

/** What became of a session, by the data service: only an explicit denial above it counts as its end. */
export type SessionState = 'denied' | 'alive' | 'unknown';

/** The policies whose denial holds wherever the session is used; one of an endpoint or a resource does not. */
const deniedAbove = /with an explicit deny in (an identity-based policy|a service control policy)/;

/** What the data service says to a session. */
export function sessionState(answer: Answer): SessionState {
  if (dataVerdict(answer).state !== 'accepted') return 'unknown';
  if (answer.status === 200) return 'alive';
  return deniedAbove.test(jsonError(answer).message) ? 'denied' : 'alive';
}

function proves(status: number, code: string | undefined): Verdict {
  const name = code === undefined ? '' : ` ${code}`;
  return {
    state: 'inconclusive',
    cause: `HTTP ${status}${name} is not among the answers that prove something`,
  };
}
