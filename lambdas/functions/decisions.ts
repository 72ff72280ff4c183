import { decisions } from '../api/decisions';
import { composeDecisions } from '../runtime/compose';
import { serveUrl } from '../runtime/serve-url';

export const handler = serveUrl('Decisions', composeDecisions, decisions);
