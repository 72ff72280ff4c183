import { Material } from '../../../../core/material';
import { policyOf, secretsOf, type Named, type TargetIdentity } from '../identity';
import type { Keys } from './signed';
import type { IamAccount } from './start';
import { iamTarget } from './target';

/** An identity that is a user of the account. */
export interface IamIdentity extends TargetIdentity {
  /** The name of its IAM user. */
  readonly user: string;
  /** The key it starts with. */
  readonly first: Keys;
}

/** What is particular about an identity: fields of its target, and a session of the first key kept beside it. */
export interface IamGiven {
  readonly target?: object;
  readonly witness?: 'kept' | 'none';
}

const WITNESS_MS = 3_600_000;

/** Makes three users with a key each, and the policy of the first. */
export async function iamIdentity(
  account: IamAccount,
  named: Named,
  { target = {}, witness = 'none' }: IamGiven,
): Promise<IamIdentity> {
  const { id } = named;
  const first = await account.user(id, 'tables', { 'gapless:identity': id });
  const admin = await account.user(`${id}-admin`, 'admin');
  const control = await account.user(`${id}-control`, 'reader');
  const described = { ...iamTarget(account, id), ...target };
  return {
    id,
    policy: policyOf(named, { kind: 'iam-access-key', strategy: 'second-key', target: described }),
    user: id,
    first,
    secrets: secretsOf(named, {
      identity: new Material({
        ...plain(first),
        ...(witness === 'kept' && { witness: await kept(account, first) }),
      }),
      admin: new Material(plain(admin)),
      control: new Material(plain(control)),
    }),
  };
}

async function kept(account: IamAccount, first: Keys): Promise<string> {
  const expires = new Date((await account.turn({})).now + WITNESS_MS).toISOString();
  return JSON.stringify([{ ...(await account.session(first)), expires }]);
}

function plain({ accessKeyId, secretAccessKey }: Keys): Readonly<Record<string, string>> {
  return { accessKeyId, secretAccessKey };
}
