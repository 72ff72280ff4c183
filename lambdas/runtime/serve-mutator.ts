import type { Connector } from '../../core/connector';
import { mutatorSteps } from '../steps/tables';
import { composeMutator } from './compose';
import { serve } from './serve';

/** The function that changes targets of one kind. */
export function serveMutator(connector: Connector): (event: unknown) => Promise<object> {
  return serve(() => composeMutator(connector), mutatorSteps);
}
