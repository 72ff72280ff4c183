// Written by `npm run generate` from connectors/*/descriptor.ts.
import { mutator } from '../../../connectors/mtls-certificate/mutator';
import { serveMutator } from '../../runtime/serve-mutator';

/** The mutator of mtls-certificate, at most 30 seconds an invocation. */
export const handler = serveMutator(mutator);
