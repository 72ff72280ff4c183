// Written by `npm run generate` from connectors/*/descriptor.ts.
import type { Descriptor } from '../core/connector';

/** Every connector's descriptor, by kind. */
export const descriptors: readonly Descriptor[] = [];
