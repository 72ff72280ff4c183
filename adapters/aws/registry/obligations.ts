import type { Debts, Obligation, Obligations, Owed } from '../../../core/ports/registry';
import { owedInOrder, postponed } from '../../../core/registry/due-order';
import { absent } from '../dynamodb/absent';
import { assign } from '../dynamodb/expression';
import type { AppendTable, Table } from '../dynamodb/table';
import { foundIn } from './found';
import { identityPartition, obligationKey, OBLIGATIONS, owedShards, stateKey } from './keys';
import { identityRow } from './rows/identity';
import { obligationRow } from './rows/obligation';

/** What one identity owes, to read. */
export function owes(table: AppendTable): Owed {
  return {
    obligationsOf: async (id) => {
      const values = { identity: identityPartition(id), obligations: OBLIGATIONS };
      const key = { text: '#pk = :identity AND begins_with(#sk, :obligations)', values };
      const items = await table.query({ key, order: 'ascending' });
      return owedInOrder(items.map(obligationRow), undefined, items.length);
    },
  };
}

/** What is owed; paid obligations are removed here, the evidence keeps their story. */
export function obligations(table: Table): Obligations {
  return {
    openObligation: async (obligation) => {
      const owedPartition = owedShards.of(obligation.identityId);
      const item = { ...obligationKey(obligation), ...obligation, owedPartition };
      await table.put(item, obligation.by === 'revocation' ? unlessRevocation : absent);
    },
    ...owes(table),
    standing: async (id) => {
      const key = { text: '#pk = :identity', values: { identity: identityPartition(id) } };
      const items = await table.query({ key, order: 'ascending' });
      const state = items.find(({ sk }) => sk === stateKey(id).sk);
      const owed = items.filter((item) => item !== state).map(obligationRow);
      return { row: state && identityRow(state), owed: owedInOrder(owed, undefined, owed.length) };
    },
    postponeObligation: async (obligation, nextAttemptAt) => {
      const { attempts, refusedIn } = postponed(obligation, obligation, nextAttemptAt);
      // The count given tells a repeated call from a later one, and one that is paid has no count.
      const unchanged = { text: '#attempts = :before', values: { before: obligation.attempts } };
      await table.update(
        obligationKey(obligation),
        assign({ nextAttemptAt, attempts, refusedIn }),
        unchanged,
      );
    },
    payObligation: async (obligation) => {
      const own = { text: '#by = :by', values: { by: obligation.by } };
      await table.delete(obligationKey(obligation), own);
    },
  };
}

/** What all identities owe, by index. */
export function debts(table: Table): Debts {
  return {
    dueObligations: (now, limit) => owed(table, now, limit),
    openObligations: (limit) => owed(table, undefined, limit),
  };
}

// `outweighs` of core/registry/due-order as a condition.
const unlessRevocation = {
  text: 'attribute_not_exists(#pk) OR #by = :rotation',
  values: { rotation: 'rotation' },
};

async function owed(table: Table, now: string | undefined, limit: number): Promise<readonly Obligation[]> {
  const keyOf = (shard: string) =>
    now === undefined
      ? { text: '#owedPartition = :shard', values: { shard } }
      : { text: '#owedPartition = :shard AND #nextAttemptAt <= :now', values: { shard, now } };
  const items = await foundIn(table, 'owed', { shards: owedShards, keyOf, limit });
  return owedInOrder(items.map(obligationRow), now, limit);
}
