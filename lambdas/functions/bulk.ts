import { composeBulk } from '../runtime/compose';
import { serve } from '../runtime/serve';
import { bulkSteps } from '../steps/tables';

export const handler = serve(composeBulk, bulkSteps);
