import type { Descriptor } from '../../core/connector';
import { PROVABLE_ALERTS } from './alerts';
import { paceOf, targetSchema } from './target';

const admin = 'aws: secretsmanager:GetSecretValue on target.admin';
const control = 'aws: secretsmanager:GetSecretValue on target.control';
const read = 'target: token with the scope read';
const write = 'target: token with the scope write, and the authority’s key';

/** Client certificates of a TLS endpoint, issued by an authority of one's own. */
export const descriptor = {
  kind: 'mtls-certificate',
  title: 'mTLS certificate',
  maturity: 'experimental',
  issueStyle: 'chosen',
  capabilities: ['rotate', 'suspend', 'revoke', 'list', 'countSessions', 'endSessions'],
  strategies: { 'side-by-side': { overlap: 'twoActive' } },
  sessions: 'countable',
  derived:
    'Open connections are counted by serial number and closed; session tickets end with every reload, and none is counted as zero while the endpoint still takes older ones.',
  testedAgainst: {
    nature: 'real server',
    what: 'node:tls with a revocation list, TLS 1.2 and 1.3, session tickets on',
  },
  propagationSeconds: 0,
  settle: { refusals: 3, windowSeconds: 0, periodMs: 100 },
  probeBudgetSeconds: 15,
  paceOf,
  refusalSignals: [...PROVABLE_ALERTS],
  rights: {
    preflight: [admin, write],
    list: [admin, control, read],
    mint: [admin, read],
    apply: [admin, write],
    suspend: [admin, write],
    revoke: [admin, write],
    countSessions: [control, 'target: token with the scope sessions'],
    endSessions: [admin, write],
    observe: ['aws: secretsmanager:GetSecretValue on the identity’s own secret', control],
  },
  target: targetSchema,
} as const satisfies Descriptor;
