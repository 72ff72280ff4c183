import { composeCore } from '../runtime/compose';
import { serve } from '../runtime/serve';
import { promote, promoteBack } from '../steps/promote/run';

export const handler = serve(composeCore, {
  Promote: (deps, { run }) => promote(deps, run()),
  PromoteBack: (deps, { run }) => promoteBack(deps, run()),
});
