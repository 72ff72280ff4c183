import type { Call, Subject } from '../../core/call';
import { Failure } from '../../core/failure';
import { ask, mustAsk } from './iam';
import type { IamTarget } from './target';
import { xmlIn } from './xml';

/** Tags of a user that Gapless reads or writes. `key` stands before the id of a key that is somebody else's. */
export const tags = {
  identity: 'gapless:identity',
  key: 'gapless:key:',
  issuing: 'gapless:issuing',
  inactive: 'gapless:inactive:',
  contained: 'gapless:contained',
} as const;

/** A key as IAM lists it. */
export interface ListedKey {
  readonly id: string;
  readonly status: 'active' | 'suspended';
  readonly createdAt: string | undefined;
  /** The identity it belongs to, by the tags of its user; undefined where they do not say. */
  readonly owner: string | undefined;
}

/** A user with its tags and keys, and when IAM said so by its own clock (epoch ms). */
export interface User {
  readonly tags: ReadonlyMap<string, string>;
  readonly keys: readonly ListedKey[];
  readonly at: number;
}

/** Reads the user of a target; undefined when there is none. */
export async function readUser(target: IamTarget, call: Call): Promise<User | undefined> {
  const UserName = target.user;
  const [tagged, listed] = await Promise.all([
    ask(target, { action: 'ListUserTags', read: { UserName } }, call),
    ask(target, { action: 'ListAccessKeys', read: { UserName } }, call),
  ]);
  if (tagged.state === 'absent' || listed.state === 'absent') return undefined;
  const known = new Map(
    tagged.result.all('member').map((text) => {
      const tag = xmlIn(text);
      return [tag.first('Key') ?? '', tag.first('Value') ?? ''] as const;
    }),
  );
  const keys = listed.result.all('member').flatMap((text): readonly ListedKey[] => {
    const key = xmlIn(text);
    const id = key.first('AccessKeyId');
    if (id === undefined) return [];
    const owner = known.get(`${tags.key}${id}`) ?? known.get(tags.identity);
    const status = key.first('Status') === 'Active' ? 'active' : 'suspended';
    return [{ id, status, createdAt: key.first('CreateDate'), owner }];
  });
  return { tags: known, keys, at: listed.at };
}

/**
 * Sees that a user is the identity's own, by its tag.
 * @throws Failure InvalidInput when the tag names another identity, or none
 */
export function assertOwn({ identityId }: Subject, { user: name }: IamTarget, user: User): void {
  if (user.tags.get(tags.identity) === identityId) return;
  const given = user.tags.get(tags.identity) ?? 'nobody';
  const message = `${identityId}: the tag ${tags.identity} of IAM user ${name} names ${given}, so its keys are not known to belong here and are left alone. Nothing was changed. Set the tag, if the user is this identity's own`;
  throw new Failure('InvalidInput', message, 'none');
}

/**
 * Reads the user of a target, which has to be there and the identity's own.
 * @throws Failure PrincipalMissing, InvalidInput
 */
export async function ownUser(subject: Subject, target: IamTarget, call: Call): Promise<User> {
  const user = await readUser(target, call);
  if (user) {
    assertOwn(subject, target, user);
    return user;
  }
  const message = `${subject.identityId}: there is no IAM user ${target.user}. Nothing was changed. Correct target.user, or create the user`;
  throw new Failure('PrincipalMissing', message, 'none');
}

/** When a key was last used, and whose it is; undefined where IAM knows no such key. */
export async function lastUsed(
  target: IamTarget,
  AccessKeyId: string,
  call: Call,
): Promise<{ readonly user: string | undefined; readonly at: string | undefined } | undefined> {
  const told = await ask(target, { action: 'GetAccessKeyLastUsed', read: { AccessKeyId } }, call);
  if (told.state === 'absent') return undefined;
  // A key that was never used has no such date, or a text that is none.
  const at = told.result.first('LastUsedDate');
  const isDate = !Number.isNaN(Date.parse(at ?? ''));
  return { user: told.result.first('UserName'), at: isDate ? at : undefined };
}

/** Sets a tag of the user. */
export async function setTag(target: IamTarget, name: string, value: string, call: Call): Promise<void> {
  const tag = { 'Tags.member.1.Key': name, 'Tags.member.1.Value': value };
  await mustAsk(target, { action: 'TagUser', change: { UserName: target.user, ...tag } }, call);
}

/** Takes a tag off the user. */
export async function dropTag(target: IamTarget, name: string, call: Call): Promise<void> {
  const change = { UserName: target.user, 'TagKeys.member.1': name };
  await ask(target, { action: 'UntagUser', change }, call);
}
