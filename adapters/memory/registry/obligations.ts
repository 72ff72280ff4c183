import type { Registry } from '../../../core/ports/registry';
import { nameOf, outweighs, owedInOrder, postponed } from '../../../core/registry/due-order';
import type { RegistryTables } from './tables';

type Obligations = Pick<
  Registry,
  | 'openObligation'
  | 'obligationsOf'
  | 'dueObligations'
  | 'openObligations'
  | 'postponeObligation'
  | 'payObligation'
>;

/** What is owed; paid obligations are gone. */
export function obligations({ obligations: open }: RegistryTables): Obligations {
  return {
    openObligation: async (obligation) => {
      const name = nameOf(obligation);
      const there = open.get(name);
      if (there === undefined || outweighs(obligation, there)) open.set(name, obligation);
    },
    obligationsOf: async (id) =>
      owedInOrder(
        [...open.values()].filter(({ identityId }) => identityId === id),
        undefined,
        open.size,
      ),
    dueObligations: async (now, limit) => owedInOrder([...open.values()], now, limit),
    openObligations: async (limit) => owedInOrder([...open.values()], undefined, limit),
    postponeObligation: async (obligation, nextAttemptAt) => {
      const name = nameOf(obligation);
      const there = open.get(name);
      if (there?.attempts === obligation.attempts) open.set(name, postponed(there, nextAttemptAt));
    },
    payObligation: async (obligation) => {
      const name = nameOf(obligation);
      if (open.get(name)?.by === obligation.by) open.delete(name);
    },
  };
}
