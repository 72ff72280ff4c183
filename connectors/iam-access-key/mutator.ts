import type { Call, Subject } from '../../core/call';
import type { Issued, MutatorVerb } from '../../core/connector';
import { Failure } from '../../core/failure';
import type { Material } from '../../core/material';
import type { MutatorHalf, VerbsOf } from '../../core/verbs';
import { denyOlder, isolate, lift, othersOn } from './denial';
import { keysIn } from './exchange';
import { mustAsk } from './iam';
import { intentText } from './intent';
import { deactivate, erase, whose } from './keys';
import { looks } from './looks';
import { type IamTarget, targetOf } from './target';
import { QUOTA, traits } from './traits';
import { assertOwn, dropTag, ownUser, readUser, setTag, tags, type User } from './user';
import { witnessField } from './witness';

/** The verbs that change users and keys. */
const operations: VerbsOf<typeof traits, MutatorVerb> = {
  ...looks,

  async preflight(subject, current, call) {
    const target = targetOf(subject);
    const user = await ownUser(subject, target, call);
    const others = othersOn(subject, user);
    if (others.length > 0 && target.sessions.end === 'issueTime') throw shared(subject, target, others);
    // A contained user may have no key left: a reissue makes its next one.
    if (!current || user.tags.has(tags.contained)) return;
    if (user.keys.some(({ id }) => id === current.remoteId)) return;
    const message = `${subject.identityId}: IAM user ${target.user} has no key ${current.remoteId}, which the current secret is for. Nothing was changed. Put the key in use into the secret`;
    throw new Failure('PrincipalMissing', message, 'none');
  },

  async issue(subject, current, call) {
    const target = targetOf(subject);
    const user = await ownUser(subject, target, call);
    if (user.keys.length >= QUOTA) throw full(subject, target, user);
    await lift(target, user, call);
    const before = user.keys.map(({ id }) => id);
    await setTag(target, tags.issuing, intentText({ runId: call.runId, at: user.at, before }), call);
    const witness = await witnessField(target, keysIn(current), call);
    return created(subject, target, current.with(witness), call);
  },

  async isolate(subject, call) {
    const target = targetOf(subject);
    const user = await readUser(target, call);
    if (!user) return { effect: 'alreadySo' };
    assertOwn(subject, target, user);
    return isolate(subject, target, user, call);
  },

  async suspend(subject, { remoteId }, call) {
    const target = targetOf(subject);
    const found = await whose(subject, target, remoteId, call);
    const denying = found.user ? await denied(subject, target, found.user, call) : undefined;
    const change =
      found.state === 'gone' ? ({ effect: 'alreadySo' } as const) : await deactivate(target, found.key, call);
    if (denying) throw denying;
    return change;
  },

  async revoke(subject, { remoteId }, _disposition, call) {
    const target = targetOf(subject);
    const found = await whose(subject, target, remoteId, call);
    if (found.state === 'own') return erase(target, found, call);
    if (found.user?.tags.has(`${tags.inactive}${remoteId}`))
      await dropTag(target, `${tags.inactive}${remoteId}`, call);
    return { effect: 'alreadySo' };
  },
};

/** The half of iam-access-key that changes users and keys. */
export const mutator: MutatorHalf<typeof traits> = { descriptor: traits, operations };

// CreateAccessKey cannot be repeated and shows the secret once: the intent stands, and an orphan is found by it.
async function created(
  { identityId }: Subject,
  target: IamTarget,
  beside: Material,
  call: Call,
): Promise<Issued> {
  const told = await mustAsk(target, { action: 'CreateAccessKey', change: { UserName: target.user } }, call);
  const [id, secret] = ['AccessKeyId', 'SecretAccessKey'].map((name) => told.result.first(name));
  if (id !== undefined && secret !== undefined) {
    const material = beside.with({ accessKeyId: id, secretAccessKey: secret });
    const { requestId } = told;
    return { remoteId: id, material, ...(requestId !== undefined && { requestId }) };
  }
  const message = `${identityId}: IAM said it created a key and its answer lacks the key. The next attempt finds it by its intent and revokes it`;
  throw new Failure('TargetRejected', message, 'unknown');
}

/** Denies older sessions where the policy asks for it. That it cannot be done must not keep the key alive. */
async function denied(
  subject: Subject,
  target: IamTarget,
  user: User,
  call: Call,
): Promise<Failure | undefined> {
  if (target.sessions.end === 'expiry' || othersOn(subject, user).length > 0) return undefined;
  try {
    await denyOlder(target, user.at, call);
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

function full({ identityId }: Subject, { user: name }: IamTarget, { keys }: User): Failure {
  const ids = keys.map(({ id, status }) => `${id} (${status === 'active' ? 'active' : 'inactive'})`);
  const message = `${identityId}: IAM user ${name} has ${ids.join(' and ')}, and ${QUOTA} keys are allowed, inactive ones included. Nothing was changed, and none is taken away by guessing. Find out who uses which (aws iam get-access-key-last-used --access-key-id ID), delete the one nobody does, and start again`;
  return new Failure('QuotaReached', message, 'none');
}

function shared({ identityId }: Subject, { user }: IamTarget, others: readonly string[]): Failure {
  const message = `${identityId}: user ${user} also has ${others.join(', ')} of another identity, whose sessions would be denied too. Nothing was changed. Give each identity a user of its own, or say sessions.end: expiry`;
  return new Failure('InvalidInput', message, 'none');
}
