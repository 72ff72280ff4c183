import type { Connector } from '../../core/connector';
import { proberSteps } from '../steps/tables';
import { composeProber } from './compose';
import { serve } from './serve';

/** The function that presents credentials to targets of one kind. */
export function serveProber(connector: Connector): (event: unknown) => Promise<object> {
  return serve(() => composeProber(connector), proberSteps);
}
