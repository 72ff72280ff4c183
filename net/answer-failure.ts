import { Failure } from '../core/failure';
import type { PinnedRequest } from './pinned-request';

/** An answer that its request has no use for: what was asked and answered, in words, and what to do about it. */
export interface Unwanted {
  readonly method: PinnedRequest['method'];
  readonly status: number;
  /** Such as `GET https://host/path answered HTTP 403`. Bodies are never quoted. */
  readonly said: string;
  /** What is missing where the far side did not let us in. */
  readonly rights: string;
  /** What to do about an answer that is none of the usual ones. */
  readonly next: string;
}

/**
 * An answer of an admin side as a failure, by its status: AdminRightsMissing, TargetThrottled, TargetUnreachable,
 * TargetRejected. The effect of anything but a GET is unknown unless the answer says that it was not taken up.
 */
export function answerFailure({ method, status, said, rights, next }: Unwanted): Failure {
  const effect = method === 'GET' ? 'none' : 'unknown';
  if (status === 401 || status === 403)
    return new Failure('AdminRightsMissing', `${said}. ${rights}. Nothing was changed`, 'none');
  if (status === 429)
    return new Failure('TargetThrottled', `${said}; asked again later. Nothing was changed`, 'none');
  if (status >= 500) return new Failure('TargetUnreachable', `${said}; asked again later`, effect);
  if (status >= 300 && status < 400) {
    const followed = 'Redirects are not followed: put the final URL into the policy';
    return new Failure('TargetRejected', `${said}. ${followed}. Nothing was changed`, 'none');
  }
  return new Failure('TargetRejected', `${said}. ${next}`, effect);
}
