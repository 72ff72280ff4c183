import type { Traits } from '../../core/connector';
import { paceOf, targetSchema } from './target';

/** The one signal of a refusal: the error code of RFC 6749, section 5.2, for failed client authentication. */
export const INVALID_CLIENT = 'invalid_client';

/** What the steps go by. */
export const traits = {
  kind: 'oauth-client',
  issueStyle: 'issued',
  capabilities: ['rotate', 'suspend', 'revoke', 'list', 'boundSessions'],
  sessions: 'bounded',
  propagationSeconds: 0,
  settle: { refusals: 3, windowSeconds: 0, periodMs: 500 },
  probeBudgetSeconds: 10,
  paceOf,
  refusalSignals: [INVALID_CLIENT],
  target: targetSchema,
} as const satisfies Traits;
