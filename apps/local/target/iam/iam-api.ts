import { isManaged, QUOTA, type Account, type Key, type Principal } from './account';
import { Refusal } from './refusal';

export type Parameters = Readonly<Record<string, string>>;
type Action = (parameters: Parameters, now: number) => object;

const iso = (at: number) => new Date(Math.floor(at / 1_000) * 1_000).toISOString().replace('.000Z', 'Z');
const member = <T>(items: readonly T[]) => ({ member: items });

function missing(what: string): Refusal {
  return new Refusal('NoSuchEntity', `${what} cannot be found.`, 404);
}

/** The actions of IAM that change or show users' keys, tags and policies, and roles' policies. */
export function iamActions(account: Account): Readonly<Record<string, Action>> {
  const principal = (kind: Principal['kind'], name = ''): Principal => {
    const found = account.principals.get(`${kind}/${name}`);
    if (found) return found;
    throw missing(`The ${kind} with name ${name}`);
  };
  const user = ({ UserName }: Parameters) => principal('user', UserName);
  const key = (given: Parameters): Key => {
    const found = account.keysOf(user(given).name).find(({ id }) => id === given['AccessKeyId']);
    if (found) return found;
    throw missing(`The Access Key with id ${given['AccessKeyId'] ?? ''}`);
  };
  return {
    ...keyActions(account, user, key),
    ...tagActions(account, user),
    ...policyActions(account, principal, user),
  };
}

function keyActions(
  account: Account,
  user: (given: Parameters) => Principal,
  key: (given: Parameters) => Key,
): Readonly<Record<string, Action>> {
  return {
    ListAccessKeys: (given) => ({
      AccessKeyMetadata: member(account.keysOf(user(given).name).map((each) => shown(each))),
      IsTruncated: false,
    }),
    GetAccessKeyLastUsed: ({ AccessKeyId = '' }) => {
      const found = account.keys.get(AccessKeyId);
      if (!found || found.status.now === 'none') throw missing(`The Access Key with id ${AccessKeyId}`);
      const used = found.lastUsedAt === undefined ? {} : { LastUsedDate: iso(found.lastUsedAt) };
      return { UserName: found.user, AccessKeyLastUsed: { ...used, ServiceName: 'N/A', Region: 'N/A' } };
    },
    CreateAccessKey: (given) => {
      const { name } = user(given);
      if (account.keysOf(name).length >= QUOTA)
        throw new Refusal('LimitExceeded', `Cannot exceed quota for AccessKeysPerUser: ${QUOTA}`, 409);
      const made = account.createKey(name);
      return { AccessKey: { ...shown(made), SecretAccessKey: made.secret } };
    },
    UpdateAccessKey: (given, now) => {
      key(given).status.set(now, given['Status'] === 'Active' ? 'Active' : 'Inactive');
      return {};
    },
    DeleteAccessKey: (given, now) => {
      key(given).status.set(now, 'none');
      return {};
    },
  };
}

function shown({ id, user, status, createdAt }: Key) {
  return { UserName: user, AccessKeyId: id, Status: status.now, CreateDate: iso(createdAt) };
}

function tagActions(
  account: Account,
  user: (given: Parameters) => Principal,
): Readonly<Record<string, Action>> {
  return {
    ListUserTags: (given) => ({
      Tags: member([...user(given).tags].map(([Key, Value]) => ({ Key, Value }))),
      IsTruncated: false,
    }),
    TagUser: (given) => {
      const found = user(given);
      found.tags.set(given['Tags.member.1.Key'] ?? '', given['Tags.member.1.Value'] ?? '');
      account.changed(found);
      return {};
    },
    UntagUser: (given) => {
      const found = user(given);
      found.tags.delete(given['TagKeys.member.1'] ?? '');
      account.changed(found);
      return {};
    },
  };
}

function policyActions(
  account: Account,
  principal: (kind: Principal['kind'], name?: string) => Principal,
  user: (given: Parameters) => Principal,
): Readonly<Record<string, Action>> {
  const role = ({ RoleName }: Parameters) => principal('role', RoleName);
  const put = (found: Principal, { PolicyName = '', PolicyDocument = '' }: Parameters) => {
    found.inline.set(PolicyName, PolicyDocument);
    account.changed(found);
    return {};
  };
  return {
    PutUserPolicy: (given) => put(user(given), given),
    PutRolePolicy: (given) => put(role(given), given),
    GetUserPolicy: (given) => read(user(given), given),
    GetRolePolicy: (given) => read(role(given), given),
    ListAttachedUserPolicies: (given) => ({
      AttachedPolicies: member([...user(given).attached].map((PolicyArn) => ({ PolicyArn }))),
      IsTruncated: false,
    }),
    AttachUserPolicy: (given) => {
      const found = user(given);
      const arn = given['PolicyArn'] ?? '';
      if (!isManaged(arn)) throw missing(`Policy ${arn}`);
      found.attached.add(arn);
      account.changed(found);
      return {};
    },
    DetachUserPolicy: (given) => {
      const found = user(given);
      if (!found.attached.delete(given['PolicyArn'] ?? '')) throw missing('The policy');
      account.changed(found);
      return {};
    },
  };
}

function read(found: Principal, { PolicyName = '' }: Parameters): object {
  const document = found.inline.get(PolicyName);
  if (document === undefined) throw missing(`The policy with name ${PolicyName}`);
  return { PolicyName, PolicyDocument: encodeURIComponent(document) };
}
