import { codesOf, type FailureCode } from '../../core/failure-category';
import type { StepName } from '../../lambdas/steps/contracts';

/** One Retry entry, in seconds. */
export interface RetryRule {
  readonly errors: readonly string[];
  readonly intervalSeconds: number;
  readonly backoffRate: number;
  readonly maxAttempts: number;
}

/** A worker that died: the step is repeated, finds its own records and resolves what it had begun. */
const DIED = ['Runtime.ExitError', 'Sandbox.Timedout', 'Lambda.Unknown', 'States.Timeout'] as const;

/** Lambda's own passing troubles (Lambda developer guide, Step Functions best practices). */
const LAMBDA = [
  'Lambda.TooManyRequestsException',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
] as const;

/**
 * Retries of every step: 4 while another worker is busy (10+20+40+80 = 150 s, well above the 30 s of `busyUntil` with
 * any jitter), 2 after a worker died, 3 for passing trouble (3+7.5+18.75 = 29 s). Ten attempts at most in all keep the
 * longest history of a machine below 500 events (lib/security/history.ts).
 */
export const retryRules: readonly RetryRule[] = [
  { errors: codesOf('busy'), intervalSeconds: 10, backoffRate: 2, maxAttempts: 4 },
  { errors: [...DIED], intervalSeconds: 1, backoffRate: 2, maxAttempts: 2 },
  { errors: [...codesOf('transient'), ...LAMBDA], intervalSeconds: 3, backoffRate: 2.5, maxAttempts: 3 },
];

/** The retries of one step. A wait for a person is over when its time is: it is not begun again. */
export function retriesOf(step: StepName): readonly RetryRule[] {
  if (step !== 'Approve') return retryRules;
  return retryRules.map((rule) => ({
    ...rule,
    errors: rule.errors.filter((error) => error !== 'States.Timeout'),
  }));
}

/**
 * Failures after which a run may not touch anything any more: somebody newer owns the identity. Everything else leads to
 * Reinstate, which finds out from evidence whether there is anything to undo.
 */
export const closeAtOnce: readonly FailureCode[] = codesOf('fenced');
