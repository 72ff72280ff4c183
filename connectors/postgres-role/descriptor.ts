import type { Descriptor } from '../../core/connector';
import { targetWithRoles } from './target';
import { traits } from './traits';

const readStats = 'target: member of pg_read_all_stats';
const alterRole = 'target: CREATEROLE and ADMIN OPTION on every role of target.roles';
const readAdmin = 'aws: secretsmanager:GetSecretValue on target.admin';
const readControl = 'aws: secretsmanager:GetSecretValue on target.control';

/** PostgreSQL login roles with SCRAM-SHA-256 passwords. */
export const descriptor = {
  ...traits,
  title: 'PostgreSQL role',
  maturity: 'experimental',
  strategies: {
    'in-place': { overlap: 'oneActive', target: targetWithRoles(1) },
    alternating: { overlap: 'twoActive', target: targetWithRoles(2) },
  },
  derived: 'Open sessions outlive the password; they are counted by the role’s oid and ended.',
  testedAgainst: { nature: 'real server', what: 'PostgreSQL 18' },
  rights: {
    preflight: [readAdmin, 'target: LOGIN'],
    list: [readControl, 'target: LOGIN'],
    mint: [],
    apply: [readAdmin, alterRole],
    suspend: [readAdmin, alterRole],
    revoke: [readAdmin, alterRole],
    countSessions: [readControl, readStats],
    endSessions: [readAdmin, readStats, 'target: member of pg_signal_backend'],
    observe: ['aws: secretsmanager:GetSecretValue on the identity’s own secret', readControl],
  },
} as const satisfies Descriptor;
