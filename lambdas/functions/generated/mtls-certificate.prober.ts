// Written by `npm run generate` from connectors/*/descriptor.ts.
import { prober } from '../../../connectors/mtls-certificate/prober';
import { serveProber } from '../../runtime/serve-prober';

/** The prober of mtls-certificate, at most 120 seconds an invocation. */
export const handler = serveProber(prober);
