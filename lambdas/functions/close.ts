import { composeClose } from '../runtime/compose';
import { serve } from '../runtime/serve';
import { closeSteps } from '../steps/tables';

export const handler = serve(composeClose, closeSteps);
