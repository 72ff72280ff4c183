import type { Call, Subject } from '../../core/call';
import type { LiveCredential } from '../../core/credential';
import { Failure } from '../../core/failure';
import type { VerbsOf } from '../../core/verbs';
import { ask, fieldOf, textOf } from './exchange';
import { type KeyTarget, targetOf } from './target';
import { adminValues } from './template';
import type { traits } from './traits';

/** The verbs that look, which both halves have. */
export const looks: VerbsOf<typeof traits, 'remoteIdOf' | 'list'> = {
  remoteIdOf(_subject, material) {
    return material.reveal('key') === undefined ? undefined : material.reveal('id');
  },

  async list(subject, call) {
    return listed(subject, targetOf(subject), call);
  },
};

/** The keys that the service lists: the identity's own, and everybody else's. */
export async function listed(
  subject: Subject,
  target: KeyTarget,
  call: Call,
): Promise<readonly LiveCredential[]> {
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

function unreadable({ identityId }: Subject, what: string): Failure {
  const message = `${identityId}: the service answered a list that cannot be read; ${what}. Nothing was changed. Correct the policy`;
  return new Failure('TargetRejected', message, 'none');
}
