import type { Traits } from '../../core/connector';
import { targetSchema } from './target';

/** What the steps go by. */
export const traits = {
  kind: 'postgres-role',
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
  sessions: 'countable',
  // A committed ALTER ROLE is seen by the next login: there is one catalog, read at every login.
  propagationSeconds: 0,
  settle: { refusals: 3, windowSeconds: 0, periodMs: 20 },
  probeBudgetSeconds: 15,
  refusalSignals: ['28P01'],
  target: targetSchema,
} as const satisfies Traits;
