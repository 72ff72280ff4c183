import type { Descriptor } from '../../core/connector';
import { paceOf, targetSchema } from './target';

const admin = 'aws: secretsmanager:GetSecretValue on target.admin';
const control = 'aws: secretsmanager:GetSecretValue on target.control';

/** The one signal of a refusal: an answer that the policy lists as proof that the key itself is dead. */
export const LISTED_REFUSAL = 'listed refusal';

/** The gateway refused, whatever the service itself would have said. */
export const GATEWAY_BLOCK = 'gateway block';

/** API keys of an HTTP service, described by the policy: its requests, and the answers that prove something. */
export const descriptor = {
  kind: 'http-api-key',
  title: 'HTTP API key',
  maturity: 'experimental',
  issueStyle: 'issued',
  capabilities: ['rotate', 'suspend', 'revoke', 'list', 'fallbackGateway'],
  strategies: { 'side-by-side': { overlap: 'twoActive' } },
  sessions: 'none',
  derived:
    'Answers that edges keep: each edge is a path of its own, and the slowest one sets the recorded time.',
  testedAgainst: { nature: 'real server', what: 'a key service with three consumers, a cache and a gateway' },
  propagationSeconds: 0,
  settle: { refusals: 3, windowSeconds: 0, periodMs: 500 },
  probeBudgetSeconds: 10,
  paceOf,
  refusalSignals: [LISTED_REFUSAL],
  blockSignals: [GATEWAY_BLOCK],
  rights: {
    preflight: [admin, 'target: read keys'],
    list: [admin, control, 'target: read keys'],
    issue: [admin, 'target: create keys'],
    suspend: [admin, 'target: read and disable keys'],
    revoke: [admin, 'target: read and delete keys'],
    block: [admin, 'gateway: block and unblock keys'],
    observe: ['aws: secretsmanager:GetSecretValue on the identity’s own secret', control],
  },
  target: targetSchema,
} as const satisfies Descriptor;
