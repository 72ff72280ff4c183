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

/** A run whose execution died says nothing about the credential either. */
const DIED: readonly (string | null)[] = [
  'Runtime.ExitError',
  'Sandbox.Timedout',
  'States.Timeout',
  'RunNotClosed',
  'StepBusy',
];

/** What a revocation's outcome means to a script: what is still owed may be dead already, unless it was seen alive. */
export function exitOfRevocation(run: {
  readonly outcome: Outcome | 'open';
  readonly causeCode: string | null;
}): ExitName {
  const unknown = ['revoke-pending', 'open'].includes(run.outcome) && DIED.includes(run.causeCode);
  return unknown ? 'unreachable' : exitOfRun(run);
}
