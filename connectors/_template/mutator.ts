import type { MutatorHalf } from '../../core/verbs';
import { looks } from './looks';
import { traits } from './traits';
import { unwritten } from './unwritten';

/** The half that changes the target; docs/adding-a-connector.md says what each verb promises. */
export const mutator: MutatorHalf<typeof traits> = {
  descriptor: traits,
  operations: {
    ...looks,
    preflight: async () => Promise.reject(unwritten('preflight')),
    mint: async () => Promise.reject(unwritten('mint')),
    apply: async () => Promise.reject(unwritten('apply')),
    suspend: async () => Promise.reject(unwritten('suspend')),
    revoke: async () => Promise.reject(unwritten('revoke')),
  },
};
