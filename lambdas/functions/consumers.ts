import { composeConsumers } from '../runtime/compose';
import { serve } from '../runtime/serve';
import { distribute } from '../steps/distribute/run';

export const handler = serve(composeConsumers, {
  Distribute: (deps, { run }) => distribute(deps, run(), 'Distribute'),
  DistributeBack: (deps, { run }) => distribute(deps, run(), 'DistributeBack'),
});
