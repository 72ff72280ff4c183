import { query } from '../api/query';
import { composeQuery } from '../runtime/compose-ledger';
import { serveUrl } from '../runtime/serve-url';

export const handler = serveUrl('Query', composeQuery, query);
