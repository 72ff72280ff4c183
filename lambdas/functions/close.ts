import { composeCore } from '../runtime/compose';
import { serve } from '../runtime/serve';
import { closeFailed } from '../steps/close/failed';
import { close } from '../steps/close/run';

export const handler = serve(composeCore, {
  Close: (deps, { run }) => close(deps, run()),
  CloseFailed: (deps, { runId, failure }) => closeFailed(deps, runId, failure),
});
