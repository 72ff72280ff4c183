import type { Subject } from '../../core/call';
import { newClient } from './new-client';
import { secondSecret } from './second-secret';
import type { Way } from './way';

/** The way of a subject's strategy. */
export function wayOf({ strategy }: Pick<Subject, 'strategy'>): Way {
  return strategy === 'second-secret' ? secondSecret : newClient;
}
