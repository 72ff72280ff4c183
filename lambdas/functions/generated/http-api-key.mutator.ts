// Written by `npm run generate` from connectors/*/descriptor.ts.
import { mutator } from '../../../connectors/http-api-key/mutator';
import { serveMutator } from '../../runtime/serve-mutator';

/** The mutator of http-api-key, at most 30 seconds an invocation. */
export const handler = serveMutator(mutator);
