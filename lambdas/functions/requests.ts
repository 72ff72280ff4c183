import { requests } from '../api/requests';
import { composeRequests } from '../runtime/compose';
import { serveUrl } from '../runtime/serve-url';

export const handler = serveUrl('Requests', composeRequests, requests);
