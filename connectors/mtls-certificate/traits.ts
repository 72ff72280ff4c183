import type { Traits } from '../../core/connector';
import { PROVABLE_ALERTS } from './alerts';
import { paceOf, targetSchema } from './target';

/** What the steps go by. */
export const traits = {
  kind: 'mtls-certificate',
  issueStyle: 'chosen',
  capabilities: ['rotate', 'suspend', 'revoke', 'list', 'countSessions', 'endSessions'],
  sessions: 'countable',
  propagationSeconds: 0,
  settle: { refusals: 3, windowSeconds: 0, periodMs: 100 },
  probeBudgetSeconds: 15,
  paceOf,
  refusalSignals: [...PROVABLE_ALERTS],
  target: targetSchema,
} as const satisfies Traits;
