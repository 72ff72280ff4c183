import { composeApproval } from '../runtime/compose';
import { serve } from '../runtime/serve';
import { approvalSteps } from '../steps/tables';

export const handler = serve(composeApproval, approvalSteps);
