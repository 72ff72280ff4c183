import { composeCore } from '../runtime/compose';
import { serve } from '../runtime/serve';
import { closeSteps } from '../steps/tables';

export const handler = serve(composeCore, closeSteps);
