// Written by `npm run generate` from connectors/*/descriptor.ts.
import { mutator } from '../../../connectors/iam-access-key/mutator';
import { serveMutator } from '../../runtime/serve-mutator';

/** The mutator of iam-access-key, at most 30 seconds an invocation. */
export const handler = serveMutator(mutator);
