// Written by `npm run generate` from connectors/*/descriptor.ts.
import { prober } from '../../../connectors/iam-access-key/prober';
import { serveProber } from '../../runtime/serve-prober';

/** The prober of iam-access-key, at most 120 seconds an invocation. */
export const handler = serveProber(prober);
