import type { Traits } from '../../core/connector';
import { paceOf, targetSchema } from './target';

/** The one signal of a refusal: an answer that the policy lists as proof that the key itself is dead. */
export const LISTED_REFUSAL = 'listed refusal';

/** The gateway refused, whatever the service itself would have said. */
export const GATEWAY_BLOCK = 'gateway block';

/** What the steps go by. */
export const traits = {
  kind: 'http-api-key',
  issueStyle: 'issued',
  capabilities: ['rotate', 'suspend', 'revoke', 'list', 'fallbackGateway'],
  sessions: 'none',
  propagationSeconds: 0,
  settle: { refusals: 3, windowSeconds: 0, periodMs: 500 },
  probeBudgetSeconds: 10,
  paceOf,
  refusalSignals: [LISTED_REFUSAL],
  blockSignals: [GATEWAY_BLOCK],
  target: targetSchema,
} as const satisfies Traits;
