// Written by `npm run generate` from connectors/*/descriptor.ts.
import type { Descriptor } from '../core/connector';
import { descriptor as kind0 } from './postgres-role/descriptor';

/** Every connector's descriptor, by kind. */
export const descriptors: readonly Descriptor[] = [kind0];
