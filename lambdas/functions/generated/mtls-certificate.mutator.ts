// Written by `npm run generate` from connectors/*/descriptor.ts.
import { connector } from '../../../connectors/mtls-certificate';
import { serveMutator } from '../../runtime/serve-mutator';

/** The mutator of mtls-certificate, at most 30 seconds an invocation. */
export const handler = serveMutator(connector);
