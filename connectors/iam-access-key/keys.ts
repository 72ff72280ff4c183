import type { Call, Subject } from '../../core/call';
import type { Change } from '../../core/connector';
import { Failure } from '../../core/failure';
import { ask } from './iam';
import type { IamTarget } from './target';
import { assertOwn, dropTag, lastUsed, type ListedKey, readUser, setTag, tags, type User } from './user';

/** What a key is to an identity: its own, or gone. What is another's is thrown. */
export type Owned =
  | { readonly state: 'own'; readonly key: ListedKey; readonly user: User }
  | { readonly state: 'gone'; readonly user: User | undefined };

/**
 * Asks whose key it is, right before it is touched.
 * @throws Failure InvalidInput when the tags or IAM itself say it is another's: that one is left alone
 */
export async function whose(subject: Subject, target: IamTarget, id: string, call: Call): Promise<Owned> {
  const user = await readUser(target, call);
  if (!user) return { state: 'gone', user };
  assertOwn(subject, target, user);
  const key = user.keys.find((each) => each.id === id);
  if (key?.owner === subject.identityId) return { state: 'own', key, user };
  const owner = key ? key.owner : await otherUser(target, id, call);
  if (owner === undefined) return { state: 'gone', user };
  const message = `key ${id} belongs to ${owner}, not to ${subject.identityId} (user ${target.user}), and is left alone. Nothing was changed`;
  throw new Failure('InvalidInput', message, 'none');
}

/** The user that has a key, if not the target's own. IAM may deny even the question about a key that is gone. */
async function otherUser(target: IamTarget, id: string, call: Call): Promise<string | undefined> {
  try {
    const found = await lastUsed(target, id, call);
    return found?.user === undefined || found.user === target.user ? undefined : `user ${found.user}`;
  } catch (error) {
    if (error instanceof Failure && error.name === 'AdminRightsMissing') return undefined;
    throw error;
  }
}

/** Makes a key inactive, and notes since when by IAM's clock. */
export async function deactivate(target: IamTarget, key: ListedKey, call: Call): Promise<Change> {
  if (key.status === 'suspended') return { effect: 'alreadySo' };
  const change = { UserName: target.user, AccessKeyId: key.id, Status: 'Inactive' };
  const told = await ask(target, { action: 'UpdateAccessKey', change }, call);
  if (told.state === 'absent') return { effect: 'alreadySo' };
  await setTag(target, `${tags.inactive}${key.id}`, new Date(told.at).toISOString(), call);
  const { requestId } = told;
  return { effect: 'applied', ...(requestId !== undefined && { requestId }) };
}

/**
 * Deletes an inactive key. One that IAM saw in use after it was forgotten everywhere is kept, because somewhere it still
 * works, and a deleted key shows its last use to nobody.
 */
export async function erase(
  target: IamTarget,
  { key, user }: Owned & { state: 'own' },
  call: Call,
): Promise<Change> {
  const off = await deactivate(target, key, call);
  const since = Date.parse(user.tags.get(`${tags.inactive}${key.id}`) ?? '');
  const used = (await lastUsed(target, key.id, call))?.at;
  const forgotten = since + target.pace.propagationSeconds * 1_000;
  if (off.effect === 'alreadySo' && used !== undefined && Date.parse(used) > forgotten) {
    const left = `key ${key.id} is inactive since ${new Date(since).toISOString()} and was used at ${used}; it is kept. See in CloudTrail where it was accepted, then delete it by hand`;
    return { effect: 'deferred', left };
  }
  const change = { UserName: target.user, AccessKeyId: key.id };
  const told = await ask(target, { action: 'DeleteAccessKey', change }, call);
  await dropTag(target, `${tags.inactive}${key.id}`, call);
  if (told.state === 'absent') return { effect: 'alreadySo' };
  return { effect: 'applied', ...(told.requestId !== undefined && { requestId: told.requestId }) };
}
