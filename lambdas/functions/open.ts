import { composeCore } from '../runtime/compose';
import { serve } from '../runtime/serve';
import { begin } from '../steps/begin/run';
import { open } from '../steps/open/run';

export const handler = serve(composeCore, {
  Open: (deps, { execution, input }) => open(deps, execution, input),
  Begin: (deps, { execution, input }) => begin(deps, execution, input),
});
