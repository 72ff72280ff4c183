import { composeOpen } from '../runtime/compose';
import { serve } from '../runtime/serve';
import { openSteps } from '../steps/tables';

export const handler = serve(composeOpen, openSteps);
