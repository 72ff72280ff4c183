import type { Obligation } from '../../../core/ports/registry';
import { iso } from '../deps';

/** An obligation that could not be paid is tried again after 1, 2, 4 ... minutes, at most an hour later, for ever. */
const RETRY_MS = 60_000;
const RETRY_MAX_MS = 60 * 60_000;

/** When an obligation that was tried at `now` (epoch ms) is tried again. */
export function nextAttempt(obligation: Pick<Obligation, 'attempts'>, now: number): string {
  return iso(now + Math.min(RETRY_MS * 2 ** Math.min(obligation.attempts, 16), RETRY_MAX_MS));
}
