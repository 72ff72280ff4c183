import { composeCore } from '../runtime/compose';
import { serve } from '../runtime/serve';
import { dueList } from '../steps/sweep/due-list';
import { enrol } from '../steps/sweep/enrol';

export const handler = serve(composeCore, {
  Enrol: (deps) => enrol(deps),
  DueList: (deps, { execution }) => dueList(deps, execution),
});
