import type { Subject } from '../../core/call';
import { clients, newClient } from './new-client';
import { secondSecret } from './second-secret';
import { secrets } from './secrets';
import type { Sight, Way } from './way';

/** How what a subject's strategy makes is seen. */
export function sightOf({ strategy }: Pick<Subject, 'strategy'>): Sight {
  return strategy === 'second-secret' ? secrets : clients;
}

/** The way of a subject's strategy. */
export function wayOf({ strategy }: Pick<Subject, 'strategy'>): Way {
  return strategy === 'second-secret' ? secondSecret : newClient;
}
