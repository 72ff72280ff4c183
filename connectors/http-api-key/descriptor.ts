import type { Descriptor } from '../../core/connector';
import { traits } from './traits';

const admin = 'aws: secretsmanager:GetSecretValue on target.admin';
const control = 'aws: secretsmanager:GetSecretValue on target.control';

/** API keys of an HTTP service, described by the policy: its requests, and the answers that prove something. */
export const descriptor = {
  ...traits,
  title: 'HTTP API key',
  maturity: 'experimental',
  strategies: { 'side-by-side': { overlap: 'twoActive' } },
  derived:
    'Answers that edges keep: each edge is a path of its own, and the slowest one sets the recorded time.',
  testedAgainst: { nature: 'real server', what: 'a key service with three consumers, a cache and a gateway' },
  rights: {
    preflight: [admin, 'target: read keys'],
    list: [admin, control, 'target: read keys'],
    issue: [admin, 'target: create keys'],
    suspend: [admin, 'target: read and disable keys'],
    revoke: [admin, 'target: read and delete keys'],
    block: [admin, 'gateway: block and unblock keys'],
    observe: ['aws: secretsmanager:GetSecretValue on the identity’s own secret', control],
  },
} as const satisfies Descriptor;
