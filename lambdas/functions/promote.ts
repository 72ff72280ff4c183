import { composePromote } from '../runtime/compose';
import { serve } from '../runtime/serve';
import { promoteSteps } from '../steps/tables';

export const handler = serve(composePromote, promoteSteps);
