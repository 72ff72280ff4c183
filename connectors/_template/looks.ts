import type { VerbsOf } from '../../core/verbs';
import type { traits } from './traits';
import { unwritten } from './unwritten';

/** The verbs that look, which both halves have. */
export const looks: VerbsOf<typeof traits, 'remoteIdOf' | 'list'> = {
  remoteIdOf: () => undefined,
  list: async () => Promise.reject(unwritten('list')),
};
