import type { VerbsOf } from '../../core/verbs';
import { keysIn } from './exchange';
import { intentOf, runOf } from './intent';
import { targetOf } from './target';
import type { traits } from './traits';
import { lastUsed, readUser } from './user';

/** The verbs that look, which both halves have. */
export const looks: VerbsOf<typeof traits, 'remoteIdOf' | 'list'> = {
  remoteIdOf(_subject, material) {
    return keysIn(material)?.accessKeyId;
  },

  async list(subject, call) {
    const target = targetOf(subject);
    const user = await readUser(target, call);
    if (!user) return [];
    const intent = intentOf(user);
    return Promise.all(
      user.keys.map(async (key) => {
        const { id, status, createdAt, owner } = key;
        const lastUsedAt = (await lastUsed(target, id, call))?.at;
        const runId = runOf(key, intent, lastUsedAt);
        return {
          remoteId: id,
          status,
          attributable: owner === subject.identityId,
          ...(runId !== undefined && { runId }),
          ...(createdAt !== undefined && { createdAt }),
          ...(lastUsedAt !== undefined && { lastUsedAt }),
        };
      }),
    );
  },
};
