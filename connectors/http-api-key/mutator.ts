import type { Call, Subject } from '../../core/call';
import type { Change, MutatorVerb } from '../../core/connector';
import type { CredentialVersion } from '../../core/credential';
import { Failure } from '../../core/failure';
import type { MutatorHalf, VerbsOf } from '../../core/verbs';
import { ask, textOf } from './exchange';
import { listed, looks } from './looks';
import type { AdminRequest } from './schema';
import { type KeyTarget, targetOf } from './target';
import { adminValues } from './template';
import { traits } from './traits';

/** The verbs that change keys, each a request that the policy describes. */
const operations: VerbsOf<typeof traits, MutatorVerb> = {
  ...looks,

  async preflight(subject, current, call) {
    const target = targetOf(subject);
    await listed(subject, target, call);
    if (!current || (await whose(subject, target, current, call)) === 'own') return;
    const message = `${subject.identityId}: the service has no key ${current.remoteId}, which the current secret is for. Nothing was changed. Put the key in use into the secret`;
    throw new Failure('PrincipalMissing', message, 'none');
  },

  async issue(subject, current, call) {
    const target = targetOf(subject);
    const { answer, ...request } = target.create;
    const { body } = await ask(target, target.api, request, adminValues(subject, call), call);
    const [id, key] = [textOf(body, answer.id), textOf(body, answer.key)];
    if (id !== undefined && key !== undefined) return { remoteId: id, material: current.with({ id, key }) };
    const message = `${subject.identityId}: the service said it created a key and its answer lacks ${answer.id} or ${answer.key}. If it made one, the next attempt finds and revokes it. Correct create.answer in the policy`;
    throw new Failure('TargetRejected', message, 'unknown');
  },

  async suspend(subject, version, call) {
    return changed(subject, version, call, (target) => target.disable);
  },

  async revoke(subject, version, _disposition, call) {
    return changed(subject, version, call, (target) => target.delete);
  },

  async block(subject, version, call) {
    return atGateway(subject, version, call, 'block');
  },

  async unblock(subject, version, call) {
    return atGateway(subject, version, call, 'unblock');
  },
};

/** The half of http-api-key that changes keys. */
export const mutator: MutatorHalf<typeof traits> = { descriptor: traits, operations };

/**
 * Asks whose key it is, right before it is touched.
 * @throws Failure InvalidInput when it is another's: that one is left alone
 */
async function whose(
  subject: Subject,
  target: KeyTarget,
  { remoteId }: CredentialVersion,
  call: Call,
): Promise<'own' | 'gone'> {
  const { answer, ...request } = target.read;
  const { state, body } = await ask(target, target.api, request, adminValues(subject, call, remoteId), call);
  if (state === 'alreadySo') return 'gone';
  if (textOf(body, answer.owner) === subject.identityId) return 'own';
  const message = `key ${remoteId} is not known to belong to ${subject.identityId} (field ${answer.owner}) and is left alone. Nothing was changed`;
  throw new Failure('InvalidInput', message, 'none');
}

async function changed(
  subject: Subject,
  version: CredentialVersion,
  call: Call,
  pick: (target: KeyTarget) => AdminRequest,
): Promise<Change> {
  const target = targetOf(subject);
  if ((await whose(subject, target, version, call)) === 'gone') return { effect: 'alreadySo' };
  const { state } = await ask(
    target,
    target.api,
    pick(target),
    adminValues(subject, call, version.remoteId),
    call,
  );
  return { effect: state === 'done' ? 'applied' : 'alreadySo' };
}

// The service cannot be asked whose key it is: that it is down is why the gateway is. Ids come from our own records.
async function atGateway(
  subject: Subject,
  { remoteId }: CredentialVersion,
  call: Call,
  verb: 'block' | 'unblock',
): Promise<Change> {
  const target = targetOf(subject);
  if (!target.gateway) {
    const message = `${subject.identityId}: target.gateway is missing, so there is nothing that could ${verb} key ${remoteId}. Nothing was changed. Describe the gateway in the policy`;
    throw new Failure('InvalidInput', message, 'none');
  }
  const { api, [verb]: request } = target.gateway;
  const { state } = await ask(target, api, request, adminValues(subject, call, remoteId), call);
  return { effect: state === 'done' ? 'applied' : 'alreadySo' };
}
