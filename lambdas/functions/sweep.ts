import { composeSweep } from '../runtime/compose';
import { serve } from '../runtime/serve';
import { sweepSteps } from '../steps/tables';

export const handler = serve(composeSweep, sweepSteps);
