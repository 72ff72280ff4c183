import type { Outcome } from '../../core/evidence/record';
import type { ExitName } from './exit';

/** Causes that say nothing about the credential, only that nobody could find out. */
const UNKNOWN: readonly (string | null)[] = [
  'TargetUnreachable',
  'TargetThrottled',
  'Inconclusive',
  'StoreUnavailable',
];

/** What a run's outcome means to a script. */
export function exitOfRun({
  outcome,
  causeCode,
}: {
  readonly outcome: Outcome | 'open';
  readonly causeCode: string | null;
}): ExitName {
  if (outcome === 'verified') return 'ok';
  if (outcome === 'not-approved') return 'notApproved';
  if (outcome === 'inconclusive' || UNKNOWN.includes(causeCode)) return 'unreachable';
  return 'notVerified';
}
