// Written by `npm run generate` from connectors/*/descriptor.ts.
import { mutator } from '../../../connectors/oauth-client/mutator';
import { serveMutator } from '../../runtime/serve-mutator';

/** The mutator of oauth-client, at most 30 seconds an invocation. */
export const handler = serveMutator(mutator);
