// Written by `npm run generate` from connectors/*/descriptor.ts.
import { connector } from '../../../connectors/iam-access-key';
import { serveMutator } from '../../runtime/serve-mutator';

/** The mutator of iam-access-key, at most 30 seconds an invocation. */
export const handler = serveMutator(connector);
