// Written by `npm run generate` from connectors/*/descriptor.ts.
import { prober } from '../../../connectors/postgres-role/prober';
import { serveProber } from '../../runtime/serve-prober';

/** The prober of postgres-role, at most 120 seconds an invocation. */
export const handler = serveProber(prober);
