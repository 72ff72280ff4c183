import { Failure } from '../../../core/failure';

/**
 * A condition failed, and a read right after it found that it would hold now: somebody else came and went in between.
 * The write is tried again a few times.
 */
export const contended = {
  attempts: 4,
  /** What the caller gets when the row never stood still. */
  failure(what: string): Failure {
    const message = `Others changed ${what} each of ${contended.attempts} times it was to be written. Nothing was changed. Repeat the step.`;
    return new Failure('StoreUnavailable', message, 'none');
  },
};
