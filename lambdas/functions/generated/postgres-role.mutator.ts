// Written by `npm run generate` from connectors/*/descriptor.ts.
import { mutator } from '../../../connectors/postgres-role/mutator';
import { serveMutator } from '../../runtime/serve-mutator';

/** The mutator of postgres-role, at most 30 seconds an invocation. */
export const handler = serveMutator(mutator);
