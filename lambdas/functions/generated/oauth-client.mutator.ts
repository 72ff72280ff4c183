// Written by `npm run generate` from connectors/*/descriptor.ts.
import { connector } from '../../../connectors/oauth-client';
import { serveMutator } from '../../runtime/serve-mutator';

/** The mutator of oauth-client, at most 30 seconds an invocation. */
export const handler = serveMutator(connector);
