import type { Connector } from '../../core/connector';
import { confirmNew, proveNew } from '../steps/prove/accepted';
import { proveRefused } from '../steps/prove/refused';
import { composeConnector } from './compose';
import { serve } from './serve';

/** The function that presents credentials to targets of one kind. It changes nothing there and writes only proofs. */
export function serveProber(connector: Connector): (event: unknown) => Promise<object> {
  return serve(() => composeConnector(connector), {
    ProveNew: (deps, { run }) => proveNew(deps, run()),
    ConfirmNew: (deps, { run }) => confirmNew(deps, run()),
    ProveOld: (deps, { run }) => proveRefused(deps, run(), 'ProveOld'),
    ProveRestored: (deps, { run }) => proveRefused(deps, run(), 'ProveRestored'),
  });
}
