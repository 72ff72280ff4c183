// Written by `npm run generate` from connectors/*/descriptor.ts.
import type { Descriptor } from '../core/connector';
import { descriptor as kind0 } from './http-api-key/descriptor';
import { descriptor as kind1 } from './iam-access-key/descriptor';
import { descriptor as kind2 } from './mtls-certificate/descriptor';
import { descriptor as kind3 } from './oauth-client/descriptor';
import { descriptor as kind4 } from './postgres-role/descriptor';

/** Every connector's descriptor, by kind. */
export const descriptors: readonly Descriptor[] = [kind0, kind1, kind2, kind3, kind4];
