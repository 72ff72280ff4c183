import type { VerbsOf } from '../../core/verbs';
import { sightOf } from './strategies';
import { targetOf } from './target';
import type { traits } from './traits';

/** The verbs that look, which both halves have. */
export const looks: VerbsOf<typeof traits, 'remoteIdOf' | 'list'> = {
  remoteIdOf(subject, material) {
    return sightOf(subject).remoteIdOf(material);
  },

  async list(subject, call) {
    return sightOf(subject).list(subject, targetOf(subject), call);
  },
};
