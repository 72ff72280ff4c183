import type { Traits } from '../../core/connector';
import { proberOf } from '../../core/halves';
import type { ProberHalf } from '../../core/verbs';
import { proberSteps } from '../steps/tables';
import { composeProber } from './compose';
import { serveRemembering } from './serve-remembering';

/** The function that presents credentials to targets of one kind. */
export function serveProber<T extends Traits>(half: ProberHalf<T>): (event: unknown) => Promise<object> {
  return serveRemembering(() => composeProber(proberOf(half)), proberSteps);
}
