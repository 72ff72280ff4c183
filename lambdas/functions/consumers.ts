import { composeConsumers } from '../runtime/compose';
import { serve } from '../runtime/serve';
import { consumersSteps } from '../steps/tables';

export const handler = serve(composeConsumers, consumersSteps);
