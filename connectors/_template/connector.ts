import type { VerbsOf } from '../../core/capability';
import type { descriptor } from './descriptor';
import { unwritten } from './unwritten';

/** The verbs of the kind; docs/adding-a-connector.md says what each one promises. */
export const operations: VerbsOf<typeof descriptor> = {
  remoteIdOf: () => undefined,
  preflight: async () => Promise.reject(unwritten('preflight')),
  list: async () => Promise.reject(unwritten('list')),
  mint: async () => Promise.reject(unwritten('mint')),
  apply: async () => Promise.reject(unwritten('apply')),
  suspend: async () => Promise.reject(unwritten('suspend')),
  revoke: async () => Promise.reject(unwritten('revoke')),
};
