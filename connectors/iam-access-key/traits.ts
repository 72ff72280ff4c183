import type { Traits } from '../../core/connector';
import { INVALID_KEY, UNRECOGNIZED_KEY } from './answers';
import { pathsOf } from './places';
import { paceOf, targetSchema } from './target';

/** A user has room for two keys, inactive ones included (IAM user guide, quotas). */
export const QUOTA = 2;

/** What the steps go by. */
export const traits = {
  kind: 'iam-access-key',
  issueStyle: 'issued',
  capabilities: ['rotate', 'suspend', 'revoke', 'list', 'boundSessions', 'isolate'],
  sessions: 'bounded',
  quota: QUOTA,
  propagationSeconds: 15,
  settle: { refusals: 3, windowSeconds: 10, periodMs: 1_000 },
  probeBudgetSeconds: 40,
  paceOf,
  pathsOf,
  refusalSignals: [INVALID_KEY, UNRECOGNIZED_KEY],
  target: targetSchema,
} as const satisfies Traits;
