import type { Registry } from '../../../core/ports/registry';
import { dueIdentities } from '../../../core/registry/due-order';
import { firstRow, renewedRow } from '../../../core/registry/enrolment';
import type { RegistryTables } from './tables';

type Identities = Pick<
  Registry,
  'identity' | 'identities' | 'enrolledRevision' | 'setEnrolledRevision' | 'enrol' | 'due' | 'schedule'
>;

/** Identity rows and what is due. */
export function identities({ identities: rows, facts }: RegistryTables): Identities {
  return {
    identity: async (id) => rows.get(id),
    identities: async () => [...rows.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    enrolledRevision: async () => facts.get('enrolledRevision'),
    setEnrolledRevision: async (revision) => void facts.set('enrolledRevision', revision),
    enrol: async (enrolment) => {
      const row = rows.get(enrolment.id);
      rows.set(enrolment.id, row === undefined ? firstRow(enrolment) : renewedRow(row, enrolment));
      return row === undefined ? 'created' : 'updated';
    },
    due: async (now, limit) => dueIdentities([...rows.values()], now, limit),
    schedule: async (id, ended, next) => {
      const row = rows.get(id);
      if (row !== undefined && row.slot === ended) rows.set(id, { ...row, ...next });
    },
  };
}
