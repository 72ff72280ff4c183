import { connectorOf } from '../../core/capability';
import { operations } from './connector';
import { descriptor } from './descriptor';
import { probe } from './probe';

/** Client certificates of a TLS endpoint: plain data, verbs and probe. */
export const connector = connectorOf({ descriptor, operations, probe });
