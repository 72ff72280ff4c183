import { Failure } from '../../core/failure';
import type { Policy } from '../../core/policy/schema';

/** The version that was owed a refusal is in force again and works, so closing the run withdraws the obligation. */
export function inForceAgain({ id, secret }: Policy, versionId: string, how: string): Failure {
  const message = `AWSCURRENT of ${secret} points to ${versionId} again, the version that was owed a refusal, and the target ${how}. Closing this run withdraws the obligation. If that version is leaked, rotate ${id} now.`;
  return new Failure('ObligationWithdrawn', message, 'none');
}

/** The same, and it does not work: nothing is withdrawn. */
export function notInForce({ id, secret }: Policy, versionId: string): Failure {
  const message = `AWSCURRENT of ${secret} points to ${versionId} again, the version that was owed a refusal, and the target does not accept it: what consumers of ${id} are told to use does not work. Nothing was withdrawn. Move AWSCURRENT to a version that works; then rotate ${id}.`;
  return new Failure('NewNotAccepted', message, 'none');
}
