import type { Traits } from '../../core/connector';
import { targetSchema } from './target';

/** What the steps go by: what the kind can do, and how long a change takes to be seen. */
export const traits = {
  kind: '_template',
  issueStyle: 'chosen',
  capabilities: ['rotate', 'list', 'suspend', 'revoke'],
  sessions: 'none',
  propagationSeconds: 0,
  settle: { refusals: 3, windowSeconds: 0, periodMs: 100 },
  probeBudgetSeconds: 1,
  refusalSignals: [],
  target: targetSchema,
} as const satisfies Traits;
