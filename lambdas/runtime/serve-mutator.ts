import type { Connector } from '../../core/connector';
import { mint } from '../steps/mint/run';
import { reinstate } from '../steps/reinstate/run';
import { remove } from '../steps/remove/run';
import { retire } from '../steps/retire/run';
import { undo } from '../steps/undo/run';
import { composeConnector } from './compose';
import { serve } from './serve';

/** The function that changes targets of one kind. It cannot write a proof: its role has no right to PROOF chains. */
export function serveMutator(connector: Connector): (event: unknown) => Promise<object> {
  return serve(() => composeConnector(connector), {
    Mint: (deps, { run }) => mint(deps, run()),
    Retire: (deps, { run }) => retire(deps, run()),
    Remove: (deps, { run }) => remove(deps, run()),
    Reinstate: (deps, { run }) => reinstate(deps, run()),
    Undo: (deps, { run }) => undo(deps, run()),
  });
}
