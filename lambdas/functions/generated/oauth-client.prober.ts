// Written by `npm run generate` from connectors/*/descriptor.ts.
import { prober } from '../../../connectors/oauth-client/prober';
import { serveProber } from '../../runtime/serve-prober';

/** The prober of oauth-client, at most 120 seconds an invocation. */
export const handler = serveProber(prober);
