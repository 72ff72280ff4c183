import type { Descriptor } from '../../core/connector';
import { targetSchema, targetWithRoles } from './target';

const readStats = 'target: member of pg_read_all_stats';
const alterRole = 'target: CREATEROLE and ADMIN OPTION on every role of target.roles';
const readAdmin = 'aws: secretsmanager:GetSecretValue on target.admin';
const readControl = 'aws: secretsmanager:GetSecretValue on target.control';

/** PostgreSQL login roles with SCRAM-SHA-256 passwords. */
export const descriptor = {
  kind: 'postgres-role',
  title: 'PostgreSQL role',
  maturity: 'experimental',
  issueStyle: 'chosen',
  capabilities: [
    'rotate',
    'suspend',
    'revoke',
    'list',
    'countSessions',
    'endSessions',
    'observeConsumersBySession',
  ],
  strategies: {
    'in-place': { overlap: 'oneActive', target: targetWithRoles(1) },
    alternating: { overlap: 'twoActive', target: targetWithRoles(2) },
  },
  sessions: 'countable',
  derived: 'Open sessions outlive the password; they are counted by the role’s oid and ended.',
  testedAgainst: { nature: 'real server', what: 'PostgreSQL 18' },
  // A committed ALTER ROLE is seen by the next login: there is one catalog, read at every login.
  propagationSeconds: 0,
  settle: { refusals: 3, windowSeconds: 0, periodMs: 20 },
  probeBudgetSeconds: 15,
  refusalSignals: ['28P01'],
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
  target: targetSchema,
} as const satisfies Descriptor;
