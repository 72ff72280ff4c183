import { ACCOUNT, type Account, type Session } from './account';
import type { Signer } from './authenticate';
import type { Parameters } from './iam-api';
import { Refusal } from './refusal';

/** Longest sessions by the documentation of STS, in seconds. */
const MOST = { user: 129_600, role: 43_200 } as const;

/** Who am I, and sessions of users and roles. None of the first two can be denied by a policy, which is AWS's rule. */
export function stsActions(
  account: Account,
): Readonly<Record<string, (parameters: Parameters, signer: Signer) => object>> {
  return {
    GetCallerIdentity: (_given, { principal }) => ({
      Arn: principal.arn,
      UserId: principal.name,
      Account: ACCOUNT,
    }),
    GetSessionToken: ({ DurationSeconds }, { principal, session }) => {
      if (session)
        throw new Refusal('AccessDenied', 'Cannot call GetSessionToken with session credentials', 403);
      return shown(account.open(principal, lengthOf(DurationSeconds, MOST.user)));
    },
    AssumeRole: ({ RoleArn = '', DurationSeconds }, { principal }) => {
      const role = account.principals.get(RoleArn.split(':').at(-1) ?? '');
      if (role?.kind === 'role' && role.trusts.includes(principal.name))
        return shown(account.open(role, lengthOf(DurationSeconds, MOST.role)));
      const message = `User: ${principal.arn} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`;
      throw new Refusal('AccessDenied', message, 403);
    },
  };
}

function lengthOf(asked: string | undefined, most: number): number {
  const seconds = Number(asked ?? 3_600);
  if (Number.isInteger(seconds) && seconds >= 900 && seconds <= most) return seconds;
  throw new Refusal('ValidationError', `DurationSeconds must be from 900 to ${most}`, 400);
}

function shown({ id, secret, token, expiresAt }: Session) {
  const Expiration = new Date(expiresAt).toISOString();
  return {
    Credentials: { AccessKeyId: id, SecretAccessKey: secret, SessionToken: token, Expiration },
  };
}
