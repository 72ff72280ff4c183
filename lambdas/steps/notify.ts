import { Failure } from '../../core/failure';
import type { Notice } from '../../core/notice/notice';
import { log } from '../runtime/log';
import { measure } from '../runtime/measure';
import type { Deps } from './deps';

/**
 * Tells the outside, as far as it can be told: a run never fails because nobody could be reached. That it was tried is
 * logged; a broken glass is measured before anything else, so that its alarm does not hang on the delivery.
 */
export async function notify(deps: Pick<Deps, 'notices' | 'now'>, notices: readonly Notice[]): Promise<void> {
  if (notices.length === 0) return;
  const glass = notices.filter(({ data }) => data.state === 'glass.broken').length;
  if (glass > 0) measure(deps.now(), { BreakGlassUsed: glass });
  try {
    await deps.notices.send(notices);
  } catch (error) {
    const message = error instanceof Failure ? error.message : 'not foreseen';
    const runId = notices[0]?.data.runId ?? '';
    log({ level: 'error', stage: 'Notify', runId, outcome: 'NotTold', message });
  }
}
