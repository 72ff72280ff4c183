import type { VerbsOf } from '../../core/capability';
import type { Call, Subject } from '../../core/call';
import type { Change } from '../../core/connector';
import type { CredentialVersion, LiveCredential } from '../../core/credential';
import { Failure } from '../../core/failure';
import type { descriptor } from './descriptor';
import { ask, fieldOf, textOf } from './exchange';
import type { AdminRequest } from './schema';
import { type KeyTarget, targetOf } from './target';
import { adminValues } from './template';

/** The verbs of http-api-key, each a request that the policy describes. */
export const operations: VerbsOf<typeof descriptor> = {
  remoteIdOf(_subject, material) {
    return material.reveal('key') === undefined ? undefined : material.reveal('id');
  },

  async preflight(subject, current, call) {
    const target = targetOf(subject);
    await listed(subject, target, call);
    if (!current || (await whose(subject, target, current, call)) === 'own') return;
    const message = `${subject.identityId}: the service has no key ${current.remoteId}, which the current secret is for. Nothing was changed. Put the key in use into the secret`;
    throw new Failure('PrincipalMissing', message, 'none');
  },

  async list(subject, call) {
    return listed(subject, targetOf(subject), call);
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

async function listed(subject: Subject, target: KeyTarget, call: Call): Promise<readonly LiveCredential[]> {
  const { answer, ...request } = target.list;
  const { body } = await ask(target, target.api, request, adminValues(subject, call), call);
  const items = fieldOf(body, answer.items);
  if (!Array.isArray(items)) throw unreadable(subject, `list.answer.items: there is no list ${answer.items}`);
  return items.map((item: unknown) => {
    const [remoteId, state] = [textOf(item, answer.id), textOf(item, answer.state)];
    if (remoteId === undefined || state === undefined)
      throw unreadable(subject, `list.answer: a key without ${answer.id} or ${answer.state}`);
    const optional = (name: string | undefined) => (name === undefined ? undefined : textOf(item, name));
    const [runId, createdAt, lastUsedAt] = [answer.run, answer.createdAt, answer.lastUsedAt].map(optional);
    return {
      remoteId,
      status: state === answer.active ? 'active' : 'suspended',
      attributable: textOf(item, answer.owner) === subject.identityId,
      ...(runId !== undefined && { runId }),
      ...(createdAt !== undefined && { createdAt }),
      ...(lastUsedAt !== undefined && { lastUsedAt }),
    };
  });
}

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

function unreadable({ identityId }: Subject, what: string): Failure {
  const message = `${identityId}: the service answered a list that cannot be read; ${what}. Nothing was changed. Correct the policy`;
  return new Failure('TargetRejected', message, 'none');
}
