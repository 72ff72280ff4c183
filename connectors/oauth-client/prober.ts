import type { ProberHalf } from '../../core/verbs';
import { boundOf } from './bound';
import { looks } from './looks';
import { probe } from './probe';
import { targetOf } from './target';
import { traits } from './traits';

/** The half of oauth-client that proves. */
export const prober: ProberHalf<typeof traits> = {
  descriptor: traits,
  operations: {
    ...looks,

    async boundSessions(subject, _version, material, derivation, call) {
      return boundOf(subject, targetOf(subject), material, derivation, call);
    },
  },
  probe,
};
