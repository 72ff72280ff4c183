import type { Registry } from '../../../core/ports/registry';
import { nameOf, outweighs, owedInOrder, postponed } from '../../../core/registry/due-order';
import type { RegistryTables } from './tables';

type Obligations = Pick<
  Registry,
  | 'openObligation'
  | 'obligationsOf'
  | 'standing'
  | 'dueObligations'
  | 'openObligations'
  | 'postponeObligation'
  | 'payObligation'
>;

/** What is owed; paid obligations are gone. */
export function obligations({ obligations: open, identities }: RegistryTables): Obligations {
  const obligationsOf = async (id: string) =>
    owedInOrder(
      [...open.values()].filter(({ identityId }) => identityId === id),
      undefined,
      open.size,
    );
  return {
    obligationsOf,
    standing: async (id) => ({ row: identities.get(id), owed: await obligationsOf(id) }),
    openObligation: async (obligation) => {
      const name = nameOf(obligation);
      const there = open.get(name);
      if (there === undefined || outweighs(obligation, there)) open.set(name, obligation);
    },
    dueObligations: async (now, limit) => owedInOrder([...open.values()], now, limit),
    openObligations: async (limit) => owedInOrder([...open.values()], undefined, limit),
    postponeObligation: async (obligation, nextAttemptAt) => {
      const name = nameOf(obligation);
      const there = open.get(name);
      if (there?.attempts !== obligation.attempts) return;
      open.set(name, postponed(there, obligation, nextAttemptAt));
    },
    payObligation: async (obligation) => {
      const name = nameOf(obligation);
      if (open.get(name)?.by === obligation.by) open.delete(name);
    },
  };
}
